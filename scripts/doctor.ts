import type { Finding } from './doctor/finding.ts';
import { examineMachine } from './doctor/examine-machine.ts';
import { Refusal } from './lib/refusal.ts';
import { parseSettings, readVariables } from './supervisor/env.ts';
import { createPaint, type Paint } from './supervisor/render-log.ts';

/** Checks every precondition of `npm start` and says what to do. Exit code 1 when a person must act first. */
const main = async (): Promise<void> => {
  const findings = await examineMachine(parseSettings(readVariables(process.env)));
  const paint = createPaint(process.stdout.isTTY, process.env);
  for (const finding of findings) process.stdout.write(`${render(finding, paint)}\n`);
  const broken = findings.filter(({ state }) => state === 'fix').length;
  process.stdout.write(broken === 0 ? '\nReady for npm start.\n' : `\n${broken} to put right before npm start.\n`);
  process.exitCode = broken === 0 ? 0 : 1;
};

const render = ({ what, state, detail }: Finding, paint: Paint): string => {
  const mark = { ok: paint('green', '✓'), note: paint('yellow', '·'), fix: paint('red', '✗') }[state];
  return `${mark} ${what.padEnd(13)}${detail}`;
};

main().catch((error: unknown) => {
  const text = error instanceof Refusal ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
