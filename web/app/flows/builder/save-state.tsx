import { CircleCheck, CloudOff, RefreshCw } from 'lucide-react';

interface SaveStateProps {
  readonly isSaving: boolean;
  readonly isUnsaved: boolean;
  readonly isUnreachable: boolean;
}

/** Whether what is drawn is safe. */
export const SaveState = ({ isSaving, isUnsaved, isUnreachable }: SaveStateProps) => {
  const [Icon, words] = isUnreachable
    ? [CloudOff, 'Not saved: the api does not answer. It is tried again.']
    : isSaving || isUnsaved
      ? [RefreshCw, 'Saving…']
      : [CircleCheck, 'Draft saved'];
  return (
    <span role="status" className="flex items-center gap-1.5 text-xs text-ink-2">
      <Icon size={14} aria-hidden className={isUnreachable ? 'text-warn' : undefined} />
      {words}
    </span>
  );
};
