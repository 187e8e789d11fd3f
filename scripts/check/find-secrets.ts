export interface FoundSecret {
  readonly line: number;
  readonly what: string;
}

/** Forms that keys of well-known services have; what merely looks random is left to review. */
const forms: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\\n]+[A-Za-z0-9+/=]{40}/ },
  { what: 'a key of AWS', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a token of GitHub', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b/ },
  { what: 'a token of Slack', pattern: /\bxox[abeprs]-\d{9,}-[\w-]{20,}/ },
  { what: 'a webhook of Slack', pattern: /hooks\.slack\.com\/services\/T\w{8,}\/B\w{8,}\/\w{20,}/ },
  { what: 'a key of Anthropic', pattern: /\bsk-ant-[a-z]+\d+-[\w-]{40,}/ },
  {
    what: 'a key of OpenAI',
    pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|\bsk-proj-[\w-]{80,}/,
  },
  { what: 'a key of Google', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/ },
  { what: 'a live key of Stripe', pattern: /\b[rs]k_live_[0-9A-Za-z]{20,}/ },
  { what: 'a token of npm', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { what: 'a key of Everwave', pattern: /\bew_[A-Za-z0-9_-]{43}\b/ },
  { what: 'a signed token', pattern: /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{30,}/ },
  {
    what: 'a master key or password with its value',
    pattern:
      /^\s*(?:export )?(?:EVERWAVE_SECRET_KEY|POSTGRES_PASSWORD|PGPASSWORD|TEMPORAL_API_KEY)=["']?[A-Za-z0-9+/_-]{16,}/,
  },
];

/** Never holds the secret itself: this is printed. */
export const findSecrets = (text: string): readonly FoundSecret[] =>
  text.split('\n').flatMap((content, index, lines) => {
    // A private key begins on the line after its heading.
    const seen = content.includes('PRIVATE KEY-----') ? `${content}\n${lines[index + 1] ?? ''}` : content;
    return forms.filter(({ pattern }) => pattern.test(seen)).map(({ what }) => ({ line: index + 1, what }));
  });
