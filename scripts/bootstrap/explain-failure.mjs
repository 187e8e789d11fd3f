/** @type {{ pattern: RegExp, because: string }[]} */
const causes = [
  {
    pattern: /ENOSPC|no space left/i,
    because: 'the disk is full. Free some space (about 3 GB are needed), then start again.',
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network (request|timeout)|error sending request|dns error/i,
    because:
      'the npm registry cannot be reached. Check the network, the proxy or the registry setting of npm, then start again.',
  },
  {
    pattern: /CERT_|certificate|SELF_SIGNED/i,
    because:
      "the npm registry's certificate is not trusted. If your network inspects TLS, set NODE_EXTRA_CA_CERTS to its root certificate.",
  },
  {
    pattern: /E401|E403|ERR_PNPM_FETCH_40[13]/,
    because: 'the npm registry refused the request. Check the registry and the sign-in in your .npmrc.',
  },
  {
    pattern: /ERR_PNPM_OUTDATED_LOCKFILE/,
    because: 'pnpm-lock.yaml does not match the package.json files. Run pnpm install and commit the lockfile.',
  },
  { pattern: /EACCES|EPERM|permission denied/i, because: 'a file may not be written. Check who owns this folder.' },
];

/**
 * One sentence about why a step failed, followed by the program's own last words.
 *
 * @param {string} title
 * @param {string} said
 */
export const explainFailure = (title, said) => {
  const known = causes.find(({ pattern }) => pattern.test(said));
  const sentence = `${title} failed: ${known ? known.because : 'see what it said last.'}`;
  const words = said.trim().split('\n').slice(-15).join('\n');
  return words ? `${sentence}\n\n${words}` : sentence;
};
