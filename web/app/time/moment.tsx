import { useIsInBrowser } from './use-now.ts';

interface MomentProps {
  readonly at: string;
  readonly format: Intl.DateTimeFormatOptions;
  readonly className?: string;
}

/** A moment in the reader's zone. The server does not know that zone and writes UTC until the browser takes over. */
export const useLocalFormat = (options: Intl.DateTimeFormatOptions): ((at: string) => string) => {
  const isInBrowser = useIsInBrowser();
  const format = new Intl.DateTimeFormat('en-GB', isInBrowser ? options : { ...options, timeZone: 'UTC' });
  return (at) => format.format(new Date(at));
};

export const Moment = ({ at, format, className }: MomentProps) => {
  const local = useLocalFormat(format);
  return (
    <time dateTime={at} title={at} className={className}>
      {local(at)}
    </time>
  );
};
