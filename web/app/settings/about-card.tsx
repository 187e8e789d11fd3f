import { ShieldCheck } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { Logo } from '#app/components/ui/logo.tsx';
import { useMe } from '#app/shell/use-me.ts';

const Fact = ({ term, children }: { readonly term: string; readonly children: string }) => (
  <div className="flex gap-4 py-1">
    <dt className="w-28 shrink-0 text-ink-2">{term}</dt>
    <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
  </div>
);

/** What this installation is, and what leaves it. */
export const AboutCard = ({ version }: { readonly version: string }) => {
  const me = useMe();
  return (
    <div className="space-y-5">
      <Section title="About">
        <div className="mb-3 flex items-center gap-3">
          <Logo className="h-7 w-14" breathing />
          <div>
            <p className="font-semibold">Everwave {version}</p>
            <p className="text-xs text-ink-2">Open source, Apache License 2.0</p>
          </div>
        </div>
        <dl className="text-xs">
          <Fact term="Organisation">{me.org.name}</Fact>
          <Fact term="Signed in as">{me.user ? `${me.user.name}, ${me.user.email}` : (me.apiKey?.name ?? '')}</Fact>
          <Fact term="Role">{me.roleName}</Fact>
        </dl>
        <p className="mt-3">
          <a href="/docs" target="_blank" rel="noreferrer" className="prose-link">
            API reference
          </a>
        </p>
      </Section>
      <Section title="What this sends home">
        <div className="flex gap-3">
          <ShieldCheck size={20} aria-hidden className="mt-0.5 shrink-0 text-ok" />
          <div className="space-y-2">
            <p className="font-medium">Nothing.</p>
            <p className="text-ink-2">
              No usage figures, no crash reports, no check for updates. Your flows reach the services you connect;
              Everwave itself reaches nobody. These pages load fonts, scripts and pictures from this server alone.
            </p>
          </div>
        </div>
      </Section>
    </div>
  );
};
