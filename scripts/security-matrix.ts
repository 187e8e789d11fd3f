import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { runVitest } from './test-run/run-vitest.ts';

const reportSchema = z.object({
  routes: z.int(),
  covered: z.int(),
  unexpected: z.int(),
  cells: z.int(),
  found: z.array(z.string()),
  uncovered: z.array(z.string()),
});

/** `pnpm security:matrix`: who gets in where, by every route of the api. The last line is JSON: routes, covered, unexpected. */
const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-matrix-'));
  try {
    const file = join(folder, 'matrix.json');
    const { failed } = await runVitest({
      args: ['--project=api', 'api/src/security-matrix.test.ts'],
      reports: folder,
      environment: { ...process.env, EVERWAVE_MATRIX_REPORT: file },
    });
    if (!existsSync(file)) throw new Error('The matrix ended without a report.');
    const { routes, covered, unexpected, cells, found, uncovered } = reportSchema.parse(
      JSON.parse(readFileSync(file, 'utf8')),
    );
    for (const line of found) console.log(`! unexpected: ${line}`);
    for (const line of uncovered) console.log(`! not covered: ${line}`);
    console.log(`${cells} requests`);
    console.log(JSON.stringify({ routes, covered, unexpected }));
    process.exitCode = failed === 0 && unexpected === 0 && covered === routes ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
