import * as RadixDialog from '@radix-ui/react-dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '#app/words/class-names.ts';
import { Button } from './button.tsx';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What happens, in a sentence. Read out when the dialog opens. */
  readonly description: ReactNode;
  readonly children?: ReactNode;
  readonly size?: 'sm' | 'md' | 'lg';
}

const widths = { sm: 'sm:max-w-md', md: 'sm:max-w-xl', lg: 'sm:max-w-3xl' } as const;

/** A centred dialog; on a small screen it rises from the lower edge. Focus is kept inside and returns where it was. */
export const Dialog = ({ open, onOpenChange, title, description, children, size = 'sm' }: DialogProps) => (
  <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
    <RadixDialog.Portal>
      <RadixDialog.Overlay className="fixed inset-0 z-40 bg-[var(--veil)] backdrop-blur-[2px]" />
      <RadixDialog.Content
        className={classNames(
          'fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col rounded-t-lg border border-line bg-surface shadow-over outline-none',
          'sm:inset-auto sm:top-[10dvh] sm:left-1/2 sm:w-[calc(100vw-48px)] sm:max-h-[80dvh] sm:-translate-x-1/2 sm:rounded-lg',
          'motion-safe:animate-enter',
          widths[size],
        )}
      >
        <header className="flex items-start gap-4 px-6 pt-5">
          <div className="min-w-0 flex-1">
            <RadixDialog.Title className="text-lg font-semibold tracking-[-0.01em]">{title}</RadixDialog.Title>
            <RadixDialog.Description className="mt-1 text-ink-2">{description}</RadixDialog.Description>
          </div>
          <RadixDialog.Close asChild>
            <Button variant="quiet" size="sm" aria-label="Close" icon={<X size={16} />} className="-mr-2 -mt-0.5" />
          </RadixDialog.Close>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-6 pt-4 pb-6">{children}</div>
      </RadixDialog.Content>
    </RadixDialog.Portal>
  </RadixDialog.Root>
);

/** The row of buttons that ends a dialog: the way out first, the deed last. */
export const DialogActions = ({ children }: { readonly children: ReactNode }) => (
  <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>
);
