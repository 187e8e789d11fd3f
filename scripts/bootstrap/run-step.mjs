import { spawn } from 'node:child_process';
import { explainFailure } from './explain-failure.mjs';
import { Refusal } from './refusal.mjs';

/**
 * Runs a program quietly behind one progress line. Its own words are shown only when it fails.
 *
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>}
 */
export const runStep = (title, program, args, options) =>
  new Promise((resolve, reject) => {
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    process.stderr.write(`· ${title} …\n`);
    const stillAtIt = setInterval(() => process.stderr.write(`· ${title} … ${seconds()} s\n`), 15_000);

    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      said = (said + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stop = () => child.kill('SIGTERM');
    process.once('SIGINT', stop).once('SIGTERM', stop);

    const finish = () => {
      clearInterval(stillAtIt);
      process.off('SIGINT', stop).off('SIGTERM', stop);
    };
    child.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      finish();
      reject(
        new Refusal(error.code === 'ENOENT' ? missing(program) : `${program} could not be started: ${error.message}`),
      );
    });
    child.once('close', (code, signal) => {
      finish();
      if (code === 0) {
        process.stderr.write(`✓ ${title} (${seconds()} s)\n`);
        return resolve();
      }
      if (signal) return reject(new Refusal(`${title} was interrupted.`));
      reject(new Refusal(explainFailure(title, said)));
    });
  });

const missing = (/** @type {string} */ program) =>
  program === 'npm'
    ? 'npm is not on PATH. It comes with Node: install Node 18 or later from nodejs.org or your system, then start again.'
    : `${program} is missing. Remove the folder .tools and start again.`;
