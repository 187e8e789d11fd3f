import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectFolder } from '../lib/folders.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(projectFolder, '.github', 'workflows');
const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const workflows = files.map((file) => ({ file, workflow: parse(textOf(file)) as Workflow }));
const ci = parse(textOf('ci.yml')) as Workflow;
const jobOf = (name: string): Job => {
  const job = ci.jobs[name];
  if (!job) throw new Error(`ci.yml has no job ${name}.`);
  return job;
};

describe('the pipeline', () => {
  it('runs on every push to main and every pull request', () => {
    expect(ci.on).toEqual({ push: { branches: ['main'] }, pull_request: null });
  });

  it('tests, builds, pushes, deploys, each after the one before', () => {
    expect(Object.entries(ci.jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ['test', undefined],
      ['build', 'test'],
      ['push', 'build'],
      ['deploy', 'push'],
    ]);
  });

  it('starts what it has built, and pushes nothing from a pull request', () => {
    const script = jobOf('build')
      .steps.map(({ run = '' }) => run)
      .join('\n');
    expect(script.indexOf('compose --profile demo --profile backup build')).toBeGreaterThan(-1);
    expect(script.indexOf('up --detach --wait')).toBeGreaterThan(
      script.indexOf('compose --profile demo --profile backup build'),
    );
    expect(script.indexOf('smoke-test.sh')).toBeGreaterThan(script.indexOf('up --detach --wait'));
    expect(jobOf('push').if).toBe("github.event_name == 'push'");
  });

  it('tags images with the short hash of the commit', () => {
    const script = jobOf('push').steps.find(({ run }) => run)?.run ?? '';
    expect(script).toContain('tag="${GITHUB_SHA::7}"');
    for (const name of ['api', 'prepare', 'worker', 'web', 'demo', 'cli', 'backup']) {
      expect(script).toMatch(new RegExp(`for name in .*\\b${name}\\b.*; do`));
    }
  });

  it('deploys from an environment, where a person can be asked', () => {
    expect(jobOf('deploy')).toMatchObject({ environment: 'production', if: "vars.DEPLOY_HOST != ''" });
  });
});

describe.each(workflows)('$file', ({ file, workflow }) => {
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  it('may read the repository and nothing else, but for the job that pushes', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const more = jobs
      .filter(([, { permissions }]) => permissions)
      .map(([name, { permissions }]) => [name, permissions]);
    for (const [name, permissions] of more) {
      expect({ name, permissions }).toEqual({ name: 'push', permissions: { contents: 'read', packages: 'write' } });
    }
  });

  it('names every action by its commit, with the version beside it', () => {
    const used = steps.flatMap(({ uses }) => (uses ? [uses] : []));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((uses) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(uses))).toEqual([]);
    const lines = textOf(file)
      .split('\n')
      .filter((line) => line.includes('uses:'));
    expect(lines.filter((line) => !/ # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it('leaves no key in the checkout, and ends by itself', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false });
    for (const [name, job] of jobs) {
      expect({ name, minutes: job['timeout-minutes'] }).toEqual({ name, minutes: expect.any(Number) });
    }
  });

  it('takes secrets from GitHub alone, and hands them over as variables, never inside a script', () => {
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/);
    const values = steps.flatMap(({ env = {}, with: given = {} }) => Object.entries({ ...env, ...given }));
    const secret = values.filter(([name]) => /key|token|password|secret|known_hosts/i.test(name) && name !== 'key');
    for (const [, value] of secret) expect(value).toMatch(/^\$\{\{ secrets\.\w+ \}\}$/);
  });
});
