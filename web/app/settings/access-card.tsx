import { KeyRound, ShieldCheck } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { useMay } from '#app/shell/use-me.ts';

/** The way to who may do what. */
export const AccessCard = () => {
  const mayManageKeys = useMay('apiKeys:manage');
  return (
    <Section title="Access">
      <p className="mb-3 text-ink-2">What each role may do, and the keys with which programs call the API.</p>
      <div className="flex flex-wrap gap-2">
        <ButtonLink to="/settings/roles" icon={<ShieldCheck size={15} aria-hidden />}>
          Roles
        </ButtonLink>
        {mayManageKeys ? (
          <ButtonLink to="/settings/api-keys" icon={<KeyRound size={15} aria-hidden />}>
            API keys
          </ButtonLink>
        ) : null}
      </div>
    </Section>
  );
};
