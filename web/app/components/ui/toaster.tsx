import { CircleCheck, X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { Button } from './button.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
}

const ToastContext = createContext<(text: string) => void>(() => {});

/** Says in a sentence that something was done. */
export const useToast = (): ((text: string) => void) => useContext(ToastContext);

const staysFor = 5_000;

export const Toaster = ({ children }: { readonly children: ReactNode }) => {
  const [toast, setToast] = useState<Toast | null>(null);
  const show = useCallback((text: string) => setToast((last) => ({ id: (last?.id ?? 0) + 1, text })), []);

  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(null), staysFor);
    return () => clearTimeout(timer);
  }, [toast]);

  return (
    <ToastContext value={show}>
      {children}
      <div
        role="status"
        className="pointer-events-none fixed inset-x-0 bottom-20 z-[60] flex justify-center px-4 lg:bottom-6"
      >
        {toast ? (
          <div
            key={toast.id}
            className="pointer-events-auto flex items-center gap-3 rounded-lg border border-line bg-surface py-2 pr-2 pl-4 shadow-over motion-safe:animate-enter"
          >
            <CircleCheck size={17} className="shrink-0 text-ok" aria-hidden />
            <p>{toast.text}</p>
            <Button
              variant="quiet"
              size="sm"
              aria-label="Dismiss"
              icon={<X size={15} />}
              onClick={() => setToast(null)}
            />
          </div>
        ) : null}
      </div>
    </ToastContext>
  );
};
