import type { Approval } from '@everwave/schema/api';
import { Check, X } from 'lucide-react';
import { Form, useNavigation } from 'react-router';
import type { PageProblem } from '#app/api/api-error.ts';
import { Button } from '#app/components/ui/button.tsx';
import { Field } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { SchemaFields } from '#app/schema-form/schema-fields.tsx';

interface AnswerFormProps {
  readonly approval: Approval;
  readonly problem: PageProblem | null;
}

/** What the approval asks for, and the two ways to decide. Who rejects need not fill in the form. */
export const AnswerForm = ({ approval, problem }: AnswerFormProps) => {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Form method="post" className="space-y-5">
      {problem ? <ProblemNotice problem={problem} /> : null}
      <SchemaFields schema={approval.form} prefix="values" values={{}} errors={problem?.errors ?? []} />
      <Field label="Comment" optional>
        {(described) => <textarea {...described} name="comment" rows={3} maxLength={10_000} className="field" />}
      </Field>
      <div className="flex flex-col gap-3 sm:flex-row">
        <Button
          type="submit"
          variant="primary"
          name="decision"
          value="approved"
          className="min-h-11 sm:min-h-9"
          icon={<Check size={16} aria-hidden />}
          aria-disabled={isBusy}
        >
          Approve
        </Button>
        <Button
          type="submit"
          variant="danger"
          name="decision"
          value="rejected"
          formNoValidate
          className="min-h-11 sm:min-h-9"
          icon={<X size={16} aria-hidden />}
          aria-disabled={isBusy}
        >
          Reject
        </Button>
      </div>
    </Form>
  );
};
