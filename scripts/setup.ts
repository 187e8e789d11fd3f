import { examineMachine } from './doctor/examine-machine.ts';
import { Refusal } from './lib/refusal.ts';
import { buildWeb, isWebBuilt } from './supervisor/build-web.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';
import { findOrInstallTemporal } from './supervisor/temporal.ts';

/** `pnpm run setup`: fetches and builds everything that a first `npm start` would, and starts nothing. */
const main = async (): Promise<void> => {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const settings = parseSettings(readVariables(process.env));
  if (settings.temporal === null) {
    say(`Temporal: ${await findOrInstallTemporal(settings, say, AbortSignal.timeout(1_800_000))}`);
  }
  if (!isWebBuilt()) {
    say('Building the web …');
    await buildWeb(settings.variables);
  }
  say('The web is built.');
  const broken = (await examineMachine(settings)).filter(({ state }) => state === 'fix');
  for (const { what, detail } of broken) say(`✗ ${what}: ${detail}`);
  say(broken.length === 0 ? 'Ready for npm start.' : `${broken.length} to put right before npm start.`);
  process.exitCode = broken.length === 0 ? 0 : 1;
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
