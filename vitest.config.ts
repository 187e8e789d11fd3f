import { defineConfig } from 'vitest/config';

interface Project {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Milliseconds for one test. Generous: two cores are shared by a server, a browser and other test files. */
  readonly testTimeout: number;
}

const seconds = (count: number) => count * 1000;

const projects: readonly Project[] = [
  { name: 'schema', include: ['schema/**/*.test.ts'], testTimeout: seconds(30) },
  { name: 'activities', include: ['activities/**/*.test.ts'], testTimeout: seconds(30) },
  { name: 'temporal', include: ['temporal/**/*.test.ts'], testTimeout: seconds(60) },
  { name: 'temporal-workers', include: ['temporal-workers/**/*.test.ts'], testTimeout: seconds(90) },
  { name: 'api', include: ['api/**/*.test.ts'], testTimeout: seconds(60) },
  { name: 'web', include: ['web/**/*.test.{ts,tsx}'], exclude: ['web/tests/e2e/**'], testTimeout: seconds(30) },
  { name: 'cli', include: ['cli/**/*.test.ts'], testTimeout: seconds(60) },
  { name: 'scripts', include: ['scripts/**/*.test.ts'], testTimeout: seconds(120) },
  { name: 'chaos', include: ['chaos/**/*.test.ts'], testTimeout: seconds(300) },
  { name: 'bench', include: ['bench/**/*.test.ts'], testTimeout: seconds(240) },
  { name: 'e2e', include: ['web/tests/e2e/**/*.test.ts'], testTimeout: seconds(180) },
];

export default defineConfig({
  test: {
    pool: 'forks',
    // Measured by npm test, by group: scripts/test-run/coverage-gates.ts.
    coverage: {
      provider: 'v8',
      reporter: ['json-summary', 'text-summary'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/testing/**'],
      reportOnFailure: true,
    },
    projects: projects.map(({ name, include, exclude = [], testTimeout }) => ({
      test: {
        name,
        pool: 'forks',
        environment: 'node',
        include: [...include],
        exclude: ['**/node_modules/**', '**/build/**', ...exclude],
        globalSetup: ['scripts/testing/global-setup.ts'],
        testTimeout,
        hookTimeout: Math.max(testTimeout, seconds(60)),
        teardownTimeout: seconds(30),
        // Vitest's own is one second, which a busy machine needs for itself.
        expect: { poll: { timeout: seconds(20) } },
      },
    })),
  },
});
