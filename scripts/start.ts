import { join } from 'node:path';
import { Refusal } from './lib/refusal.ts';
import { addressesOf } from './supervisor/addresses.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';
import { helpText } from './supervisor/help.ts';
import { startProduct, type Product } from './supervisor/product.ts';
import { createPaint } from './supervisor/render-log.ts';
import { createScreen, type Screen } from './supervisor/screen.ts';

const main = async (): Promise<void> => {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpText());
    return;
  }
  if (args.length > 0) throw new Refusal(`npm start takes no argument but --help; it was given ${args.join(' ')}.`);

  const settings = parseSettings(readVariables(process.env));
  const screen = createScreen({
    write: (text) => process.stdout.write(text),
    paint: createPaint(process.stdout.isTTY, process.env),
    logFolder: join(settings.dataFolder, 'logs'),
  });
  const interruption = answerSignals(screen);
  const product = await startProduct(settings, screen, interruption.signal);
  showWelcome(product, screen);
  await interruption.untilAsked;
  interruption.onForce(() => product.kill());
  await product.stop();
  screen.say(`Stopped. All data is in ${settings.dataFolder}`);
};

interface Interruption {
  /** Aborted when a person asks to stop while things are still starting. */
  readonly signal: AbortSignal;
  readonly untilAsked: Promise<void>;
  /** What a second request does. */
  onForce(force: () => void): void;
}

/** One Ctrl-C stops in order, a second one at once. npm repeats a Ctrl-C to its child, so what follows at once is the same one. */
const answerSignals = (screen: Screen): Interruption => {
  const abort = new AbortController();
  const asked = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve()));
  let force = () => {};
  let askedAt: number | null = null;
  const answer = () => {
    if (askedAt === null) {
      askedAt = performance.now();
      screen.say('');
      screen.say('Stopping. Press Ctrl-C again to stop at once.');
      abort.abort(new Refusal('Stopped before everything was up.'));
      return;
    }
    if (performance.now() - askedAt < 1000) return;
    force();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, answer);
  return {
    signal: abort.signal,
    untilAsked: asked,
    onForce: (given) => {
      force = given;
    },
  };
};

const showWelcome = ({ settings, services, prepared }: Product, { say, paint }: Screen): void => {
  const addresses = addressesOf(settings);
  const rows: readonly (readonly [string, string | null])[] = [
    ['Everwave', addresses.web],
    ['API', `${addresses.api}/docs`],
    ['Temporal UI', services.temporalUiUrl],
    ['Temporal', services.temporalAddress],
    ['E-mail catcher', settings.demo ? addresses.mail : null],
    ['Postgres', withoutPassword(services.databaseUrl)],
    ['Data folder', settings.dataFolder],
  ];
  say('');
  for (const [name, value] of rows) if (value !== null) say(`  ${paint('dim', name.padEnd(16))}${value}`);
  if (prepared.setupUrl !== null) {
    say('');
    say("  Set the owner's password with this link, which works once:");
    say(`  ${prepared.setupUrl}`);
  }
  if (settings.demo) {
    say('');
    say('  Demo mode: e-mail goes to the catcher, vendors are stand-ins on this machine. Press Ctrl-C to stop.');
  }
  say('');
  say(paint('green', 'Ready'));
  if (prepared.sampleCurl !== null) say(prepared.sampleCurl);
};

const withoutPassword = (url: string): string => {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
