import { CopyButton } from '#app/components/ui/copy-button.tsx';
import { Notice } from '#app/components/ui/notice.tsx';
import { unreachable } from '#app/words/unreachable.ts';
import type { ChannelDeed } from './write-channel.server.ts';

const wordsOf = ({ did, name }: ChannelDeed): string => {
  switch (did) {
    case 'created':
      return `${name} will be told`;
    case 'changed':
      return `${name} is changed`;
    case 'tested':
      return `A test for ${name} is on its way`;
    case 'muted':
      return `${name} is muted: it hears of nothing new`;
    case 'unmuted':
      return `${name} will be told again`;
    case 'deleted':
      return `${name} is deleted`;
    default:
      throw unreachable(did);
  }
};

/** What was done, and, once, the secret that signs a webhook's messages. */
export const DeedNotice = ({ deed }: { readonly deed: ChannelDeed }) => (
  <Notice tone="ok" title={wordsOf(deed)} role="status">
    {deed.secret ? (
      <>
        <p>Its messages are signed by Standard Webhooks with this secret, which is shown only now:</p>
        <p className="mt-1 flex items-center gap-2">
          <code className="font-mono text-xs [overflow-wrap:anywhere]">{deed.secret}</code>
          <CopyButton text={deed.secret} label="Copy the secret" />
        </p>
      </>
    ) : null}
  </Notice>
);
