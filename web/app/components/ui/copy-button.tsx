import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for screen readers and the hint: `Copy the address`. */
  readonly label: string;
  /** Words on the button; only the icon without them. */
  readonly children?: string;
  readonly size?: 'sm' | 'md';
}

export const CopyButton = ({ text, label, children, size = 'sm' }: CopyButtonProps) => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_600);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <Button
        variant="quiet"
        size={size}
        aria-label={children ? undefined : label}
        title={label}
        icon={copied ? <Check size={15} className="text-ok" /> : <Copy size={15} />}
        onClick={() => {
          void navigator.clipboard.writeText(text).then(() => setCopied(true));
        }}
      >
        {children}
      </Button>
      <span role="status" className="sr-only">
        {copied ? 'Copied' : ''}
      </span>
    </>
  );
};
