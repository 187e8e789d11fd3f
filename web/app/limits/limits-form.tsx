import { type ReactNode, useEffect } from 'react';
import { Form, useNavigation, useRevalidator } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import type { FormState } from './limit-fields.tsx';
import type { WrittenLimits } from './write-limits.server.ts';

interface LimitsFormProps {
  readonly written: WrittenLimits | undefined;
  /** What is set; the fields begin anew when it changes. */
  readonly limits: object;
  readonly isUnlimited: boolean;
  /** What is said where nothing is limited. */
  readonly unlimited: ReactNode;
  /** Null for those who may set them, or who may. */
  readonly whoMay: string | null;
  readonly children: (form: FormState) => ReactNode;
}

/** How many run and wait changes while one looks. */
const useUsageAsItIs = (): void => {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const timer = setInterval(() => void (document.hidden ? undefined : revalidate()), 5_000);
    return () => clearInterval(timer);
  }, [revalidate]);
};

/** The form of a page of limits. Works without script. */
export const LimitsForm = ({ written, limits, isUnlimited, unlimited, whoMay, children }: LimitsFormProps) => {
  const isBusy = useNavigation().state !== 'idle';
  useUsageAsItIs();
  const refused = written && !written.ok ? written : null;
  const form: FormState = { typed: refused?.typed ?? null, errors: refused?.problem.errors ?? [] };
  return (
    <div className="max-w-[920px] space-y-5">
      {written?.ok ? <Notice tone="ok" title="Set, and held to from now on" role="status" /> : null}
      {refused ? <ProblemNotice problem={refused.problem} /> : null}
      {whoMay === null ? null : (
        <Notice tone="info" title="Your role can look at these limits but not set them">
          {whoMay} can.
        </Notice>
      )}
      {isUnlimited ? (
        <Notice tone="info" title="Nothing is limited">
          {unlimited}
        </Notice>
      ) : null}
      <Form method="post" key={JSON.stringify(limits)}>
        <fieldset disabled={whoMay !== null} className="min-w-0 space-y-5">
          {children(form)}
        </fieldset>
        {whoMay === null ? (
          <div className="mt-5 flex justify-end">
            <Button type="submit" variant="primary" aria-disabled={isBusy} className="w-full sm:w-auto">
              Set the limits
            </Button>
          </div>
        ) : null}
      </Form>
    </div>
  );
};
