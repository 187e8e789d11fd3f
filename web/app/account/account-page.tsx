import type { ReactNode } from 'react';
import { Wordmark } from '#app/components/ui/logo.tsx';
import { Wave } from './wave.tsx';

interface AccountPageProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}

/** The frame of the pages in front of the product: the form on one side, the wave on the other. */
export const AccountPage = ({ title, lead, children }: AccountPageProps) => (
  <main className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)]">
    <div className="flex flex-col px-6 py-8 sm:px-12">
      <Wordmark breathing />
      <div className="mx-auto my-auto w-full max-w-[380px] py-10">
        <h1 className="text-xl font-semibold tracking-[-0.022em]">{title}</h1>
        <p className="mt-2 mb-7 text-ink-2">{lead}</p>
        {children}
      </div>
      <p className="text-xs text-ink-2">Everwave runs on your machine and sends nothing home.</p>
    </div>
    <div aria-hidden className="relative hidden overflow-hidden border-l border-line bg-sunken lg:block">
      <Wave />
      <p className="absolute right-14 bottom-14 left-14 max-w-[22ch] text-[34px] leading-[1.15] font-semibold tracking-[-0.03em] text-burgundy">
        Every run arrives. Even the one that had to wait for you.
      </p>
    </div>
  </main>
);
