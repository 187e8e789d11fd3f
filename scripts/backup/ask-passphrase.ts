import { Refusal } from '../lib/refusal.ts';

/** A terminal that shows nothing of what is typed. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks for a passphrase; `twice` when a slip of the finger would lock the file for ever. */
export const askPassphrase = async (terminal: Terminal, twice: boolean): Promise<string> => {
  const passphrase = await askHidden(terminal, 'Passphrase of the backup: ');
  if (twice && (await askHidden(terminal, 'The same again: ')) !== passphrase) {
    throw new Refusal('The two passphrases differ. Start again.');
  }
  return passphrase;
};

const askHidden = ({ input, output }: Terminal, question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      input.setRawMode(false);
      input.pause();
      input.off('data', take);
      output.write('\n');
    };
    const take = (chunk: Buffer): void => {
      for (const sign of chunk.toString('utf8')) {
        if (sign === '\r' || sign === '\n') {
          end();
          return resolve(typed);
        }
        if (sign === '\u0003' || sign === '\u0004') {
          end();
          return reject(new Refusal('Stopped: no passphrase was given.'));
        }
        typed = sign === '\u007f' || sign === '\b' ? typed.slice(0, -1) : typed + sign;
      }
    };
    output.write(question);
    input.setRawMode(true);
    input.on('data', take);
    input.resume();
  });
