import { randomUUIDv7 } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createDatabase } from '@everwave/schema/db';
import { checkMasterKey, createSystemSeal, loadMasterKeys } from '@everwave/temporal/encryption';
import { createLogger } from '@everwave/temporal/logger';
import { type Environment, readEnvironment } from './env.ts';
import { createOutbox } from './mail/outbox.ts';
import { resetOwner } from './services/identity/reset-owner.ts';

// `node api/src/reset-owner.ts <email> [--second-factor]`, with the environment of the api. Needs the database alone.

const usage = `Usage: everwave reset-owner <email> [--second-factor]

Prints a one-time link, good for 30 minutes, that sets a new password for an owner when nobody can sign in. Using it ends
their sessions and the access of their programs. Where a mail server is set, the link is mailed to them, too.

  --second-factor   using the link removes their second factor as well; without it, it is asked for as before`;

const main = async (): Promise<number> => {
  const order = readArguments();
  if (order === null) return 0;
  const environment = readEnvironment();
  const db = createDatabase({ url: environment.databaseUrl, applicationName: 'everwave-reset-owner', max: 2 });
  try {
    const outbox = environment.mailServer && (await openOutbox(environment, db));
    const { settings } = environment;
    const done = await resetOwner({ db, settings, outbox }, order, `reset-owner-${randomUUIDv7()}`);
    if (!done.ok) {
      process.stderr.write(`${done.refusal}\n`);
      return 1;
    }
    const { link, name, isMailed } = done;
    process.stdout.write(`${link}\n\n`);
    process.stdout.write(`Sets a new password for ${name}, once, within 30 minutes, and ends their sessions.\n`);
    process.stdout.write(
      order.removesSecondFactor
        ? 'Their second factor is removed when the link is used.\n'
        : 'Their second factor stays, if they have one; --second-factor removes it as well.\n',
    );
    if (isMailed) process.stdout.write(`The same link is mailed to ${order.email} as soon as the api runs.\n`);
    return 0;
  } finally {
    await db.$client.end({ timeout: 5 });
  }
};

const readArguments = () => {
  const { values, positionals } = parse();
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return null;
  }
  const [email, ...more] = positionals;
  if (email === undefined || more.length > 0) throw new Misuse(usage);
  return { email, removesSecondFactor: values['second-factor'] ?? false };
};

const parse = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, 'second-factor': { type: 'boolean' } },
    });
  } catch (error) {
    throw new Misuse(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
};

/** Of the command line. */
class Misuse extends Error {}

/** Only writes: the api sends. */
const openOutbox = async ({ masterKey }: Environment, db: ReturnType<typeof createDatabase>) => {
  const masterKeys = loadMasterKeys(masterKey);
  await checkMasterKey(db, masterKeys);
  const log = createLogger({ service: 'reset-owner', level: 'error', write: (line) => process.stderr.write(line) });
  return createOutbox({ db, seal: createSystemSeal(masterKeys), mailer: null, log });
};

try {
  process.exitCode = await main();
} catch (error) {
  // What the database said, without the values of its query.
  const causes = (thrown: unknown): string =>
    thrown instanceof Error
      ? [thrown.message.split('\nparams:')[0], thrown.cause ? causes(thrown.cause) : ''].filter(Boolean).join(' ← ')
      : String(thrown);
  process.stderr.write(`${error instanceof Misuse ? error.message : causes(error)}\n`);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
