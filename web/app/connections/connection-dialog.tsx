import type { Connection } from '@everwave/schema/api';
import type { CredentialManifest } from '@everwave/schema/node';
import { ChevronRight, KeyRound } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { NodeIcon } from '#app/flows/canvas/node-icon.tsx';
import { SchemaFields } from '#app/schema-form/schema-fields.tsx';
import type { action } from './route.tsx';

interface ConnectionDialogProps {
  readonly kinds: readonly CredentialManifest[];
  /** Null for a new one. */
  readonly connection: Connection | null;
  readonly onClose: () => void;
}

const KindChoice = ({
  kinds,
  onChoose,
}: {
  readonly kinds: readonly CredentialManifest[];
  readonly onChoose: (kind: CredentialManifest) => void;
}) => (
  <ul className="space-y-2">
    {kinds.map((kind) => (
      <li key={kind.kind}>
        <button
          type="button"
          onClick={() => onChoose(kind)}
          className="flex w-full items-center gap-3 rounded-lg border border-line px-4 py-3 text-left transition-colors duration-120 hover:border-line-strong hover:bg-sunken/60"
        >
          <NodeIcon kind={kind.kind} size={36} />
          <span className="min-w-0 flex-1">
            <span className="block font-medium">{kind.title}</span>
            <span className="line-clamp-2 text-xs text-ink-2">{kind.help}</span>
          </span>
          <ChevronRight size={16} aria-hidden className="text-ink-2" />
        </button>
      </li>
    ))}
  </ul>
);

const SecretKept = ({ fields, onReplace }: { readonly fields: readonly string[]; readonly onReplace: () => void }) => (
  <div className="flex items-center gap-3 rounded-lg border border-line bg-sunken/50 px-4 py-3">
    <KeyRound size={16} aria-hidden className="shrink-0 text-ink-2" />
    <p className="min-w-0 flex-1">
      {fields.length > 0 ? 'The secret is set and stays as it is.' : 'No secret is set.'}
    </p>
    <Button size="sm" onClick={onReplace}>
      {fields.length > 0 ? 'Replace' : 'Set'}
    </Button>
  </div>
);

const ConnectionForm = ({
  kind,
  connection,
  onClose,
}: {
  readonly kind: CredentialManifest;
  readonly connection: Connection | null;
  readonly onClose: () => void;
}) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const [replacesSecret, setReplacesSecret] = useState(connection === null);
  const result = fetcher.data;
  const problem = result && !result.ok ? result.problem : null;
  const errors = problem?.errors ?? [];
  const isBusy = fetcher.state !== 'idle';

  // Settings say where the secret goes, so with other settings the api asks for it again: open its fields and go there.
  const secretFields = useRef<HTMLFieldSetElement>(null);
  const secretErrorId = useId();
  const secretError = errors.find(({ path }) => path === 'secret');
  const needsSecret = secretError !== undefined;
  useEffect(() => {
    if (needsSecret) setReplacesSecret(true);
  }, [result, needsSecret]);
  useEffect(() => {
    if (needsSecret && replacesSecret) secretFields.current?.querySelector('input')?.focus();
  }, [needsSecret, replacesSecret]);

  useEffect(() => {
    if (!result?.ok || result.value.did === 'tested') return;
    toast(result.value.did === 'created' ? `${result.value.name} is ready.` : `${result.value.name} is changed.`);
    onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);

  return (
    <fetcher.Form method="post" action="/connections" className="space-y-5" autoComplete="off">
      <input type="hidden" name="intent" value={connection ? 'change' : 'create'} />
      <input type="hidden" name="kind" value={kind.kind} />
      {connection ? (
        <>
          <input type="hidden" name="connectionId" value={connection.id} />
          <input type="hidden" name="replaceSecret" value={String(replacesSecret)} />
        </>
      ) : null}
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextField
        label="Name"
        name="name"
        required
        maxLength={120}
        defaultValue={connection?.name ?? kind.title}
        hint="How flows and people will call it."
        error={errors.find((error) => error.path === 'name')?.message}
      />
      <SchemaFields schema={kind.settings} prefix="settings" values={connection?.settings ?? {}} errors={errors} />
      {replacesSecret ? (
        <fieldset ref={secretFields} className="space-y-5" aria-describedby={secretError ? secretErrorId : undefined}>
          <legend className="sr-only">Secret</legend>
          {secretError ? (
            <p id={secretErrorId} className="text-xs font-medium text-bad">
              {secretError.message}
            </p>
          ) : null}
          <SchemaFields schema={kind.secret} prefix="secret" values={{}} errors={errors} areSecret />
        </fieldset>
      ) : (
        <SecretKept fields={connection?.secretFields ?? []} onReplace={() => setReplacesSecret(true)} />
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={isBusy}>
          {isBusy ? 'Saving…' : connection ? 'Save changes' : 'Create connection'}
        </Button>
      </DialogActions>
    </fetcher.Form>
  );
};

/** First which service, then its fields as the credential's own schema asks for them. */
export const ConnectionDialog = ({ kinds, connection, onClose }: ConnectionDialogProps) => {
  const [chosen, setChosen] = useState<CredentialManifest | null>(null);
  const kind = connection ? (kinds.find((each) => each.kind === connection.kind) ?? null) : chosen;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="md"
      title={connection ? `Edit ${connection.name}` : kind ? `New connection: ${kind.title}` : 'New connection'}
      description={
        kind?.help ??
        (connection
          ? 'Its kind is not known to this version any more; it can only be looked at.'
          : 'Which service should your flows reach?')
      }
    >
      {kind ? (
        <ConnectionForm kind={kind} connection={connection} onClose={onClose} />
      ) : connection ? null : (
        <KindChoice kinds={kinds} onChoose={setChosen} />
      )}
    </Dialog>
  );
};
