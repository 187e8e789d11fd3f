import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Stage, Step } from './parse-dockerfile.ts';

/** A stage as it came out: a folder in place of `/`, and what the image says about how it is started. */
export interface BuiltStage {
  readonly root: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[] | null;
}

export interface BuildOptions {
  readonly stages: readonly Stage[];
  readonly projectFolder: string;
  /** Paths that COPY finds: see `listContext`. */
  readonly context: readonly string[];
  /** Each stage becomes a folder below it. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Carries out the steps of a target, and of every stage it rests on, on this machine. Each stage is built once. */
export const createBuilder = (options: BuildOptions): ((name: string) => BuiltStage) => {
  const built = new Map<string, BuiltStage>();
  const build = (name: string): BuiltStage => {
    const known = built.get(name);
    if (known) return known;
    const stage = options.stages.find((one) => one.name === name);
    if (!stage) throw new Error(`The Dockerfile has no stage ${name}.`);
    options.say(`building ${name}`);
    const root = join(options.folder, name);
    mkdirSync(root, { recursive: true });
    let state = startOf(stage, root, build, options);
    for (const step of stage.steps) state = carryOut(step, state, { ...options, build });
    built.set(name, state);
    return state;
  };
  return build;
};

type Build = (name: string) => BuiltStage;

const startOf = (stage: Stage, root: string, build: Build, { stages }: BuildOptions): BuiltStage => {
  if (stages.some(({ name }) => name === stage.from)) {
    const base = build(stage.from);
    copyAll(base.root, root);
    return { ...base, root };
  }
  // The base image is this machine, as far as our steps look at it: the same Node, a shell.
  if (!stage.from.startsWith(`node:${process.versions.node}-`)) {
    throw new Error(`Stage ${stage.name} starts from ${stage.from}; this is Node ${process.versions.node}.`);
  }
  return { root, folder: '/', environment: {}, user: 'root', entrypoint: [], command: ['node'], healthcheck: null };
};

const carryOut = (step: Step, state: BuiltStage, options: BuildOptions & { readonly build: Build }): BuiltStage => {
  switch (step.kind) {
    case 'workdir':
      mkdirSync(join(state.root, step.folder), { recursive: true });
      return { ...state, folder: step.folder };
    case 'env':
      return { ...state, environment: { ...state.environment, [step.name]: step.value } };
    case 'user':
      return { ...state, user: step.user };
    case 'entrypoint':
      return { ...state, entrypoint: step.words, command: [] };
    case 'command':
      return { ...state, command: step.words };
    case 'healthcheck':
      return { ...state, healthcheck: step.words };
    case 'copy':
      copy(step, state, options);
      return state;
    case 'run':
      run(step.script, state);
      return state;
    case 'note':
      return state;
  }
};

const copy = (
  { stage, sources, target }: Extract<Step, { kind: 'copy' }>,
  state: BuiltStage,
  { build, context, projectFolder }: BuildOptions & { readonly build: Build },
): void => {
  const to = join(state.root, target.startsWith('/') ? target : join(state.folder, target));
  for (const source of sources) {
    if (stage !== null) {
      copyAll(join(build(stage).root, source), to);
      continue;
    }
    const files = context.filter((path) => path === source || path.startsWith(`${source}/`));
    if (files.length === 0) throw new Error(`COPY ${source}: there is no such file in the build context.`);
    for (const file of files) {
      const isFolder = target.endsWith('/') || sources.length > 1;
      const inside =
        file === source
          ? isFolder
            ? join(to, file.split('/').at(-1) ?? '')
            : to
          : join(to, file.slice(source.length));
      mkdirSync(dirname(inside), { recursive: true });
      cpSync(join(projectFolder, file), inside);
    }
  }
};

/** The contents of a folder, links as links. */
const copyAll = (from: string, to: string): void => {
  if (!existsSync(from) || !statSync(from).isDirectory()) throw new Error(`COPY: ${from} is no folder.`);
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync('cp', ['-R', '-P', '-p', `${from}/.`, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp ${from} ${to}: ${stderr}`);
};

/** In the stage's own folder, with its own programs first. HOME stays, as the cache mount would: that is where pnpm's store is. */
const run = (script: string, { root, folder, environment }: BuiltStage): void => {
  const prefix = join(root, 'usr', 'local');
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], {
    cwd: join(root, folder),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
    env: {
      HOME: process.env['HOME'],
      PATH: [join(prefix, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      ...wayOut(),
      npm_config_prefix: prefix,
      CI: '1',
      ...environment,
    },
  });
  if (status !== 0)
    throw new Error(`RUN ${script} ended with ${status}:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`);
};

/** How this machine reaches the package registry, which a build is told as well. */
const wayOut = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(npm_config_|https?_proxy$|no_proxy$|NODE_EXTRA_CA_CERTS$|SSL_CERT_)/i.test(name),
    ),
  );
