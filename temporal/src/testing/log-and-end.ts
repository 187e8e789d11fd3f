import fs from 'node:fs';
import { createLogger } from '../logger.ts';

// Run as a process of its own: logs three lines, then ends as it is told. Says on standard error what was written when.

const how = process.argv[2] ?? '';
const tell = (text: string): void => void fs.writeSync(2, `${text}\n`);
let writes = 0;
const write = fs.writeSync;
fs.writeSync = ((...parameters: Parameters<typeof write>) => {
  if (parameters[0] === 1 && String(parameters[1]).length > 0) writes += 1;
  return write(...parameters);
}) as typeof write;

const logger = createLogger({ service: 'test', level: 'info' });
const say = (count: number): void => {
  for (let index = 1; index <= count; index += 1) logger.info(`line ${index}`);
};
const hearSignals = (): void => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      if (how === 'second signal') {
        say(3);
        return process.kill(process.pid, 'SIGTERM');
      }
      logger.info('stopping');
      process.exit(0);
    });
  }
};

if (how !== 'unheard signal') hearSignals();
const stayAlive = setTimeout(() => {}, 20_000);
switch (how) {
  case 'end of work':
    say(3);
    clearTimeout(stayAlive);
    break;
  case 'exit':
    say(3);
    process.exit(3);
    break;
  case 'uncaught error':
    say(3);
    throw new Error('nobody catches this');
  case 'signal':
  case 'unheard signal':
    say(3);
    process.kill(process.pid, 'SIGTERM');
    break;
  case 'second signal':
    process.kill(process.pid, 'SIGTERM');
    break;
  case 'error':
    say(3);
    tell(`writes before the error: ${writes}`);
    logger.error('line 4');
    tell(`writes after it: ${writes}`);
    process.kill(process.pid, 'SIGKILL');
    break;
  case 'many lines':
    say(1_000);
    clearTimeout(stayAlive);
    process.once('exit', () => tell(`writes: ${writes}`));
    break;
  case 'waiting': {
    say(3);
    const begun = performance.now();
    const looking = setInterval(() => {
      if (writes === 0) return;
      clearInterval(looking);
      tell(`written after ${Math.round(performance.now() - begun)} ms`);
      process.kill(process.pid, 'SIGKILL');
    }, 5);
    break;
  }
  default:
    throw new Error(`${how} is no way to end.`);
}
