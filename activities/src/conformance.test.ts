import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  activityNameOf,
  toCredentialManifest,
  toManifest,
  type AnyNodeDefinition,
  type JsonSchema,
} from '@everwave/schema/node';
import { evaluateActivity } from '@everwave/schema/run';
import { describe, expect, it } from 'vitest';
import { credentialDefinitions, manifests, nodeDefinitions } from './definitions.ts';
import { credentialImplementations, nodeImplementations } from './implementations.ts';
import { toMilliseconds } from './runtime/duration.ts';
import { createMemoryPorts } from './testing/memory-ports.ts';
import { createActivities } from './worker.ts';

const source = import.meta.dirname;
const connectorsFolder = join(source, 'connectors');
const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const connectors = foldersIn(connectorsFolder);
const nodeFolders = connectors.flatMap((connector) =>
  foldersIn(join(connectorsFolder, connector)).map((node) => `${connector}/${node}`),
);

/** `slack.postMessage`, version 1 → `slack/post-message`; version 2 → `slack/post-message-v2`. */
const folderOf = ({ kind, version }: AnyNodeDefinition): string => {
  const [connector = '', verb = ''] = kind.split('.');
  const name = verb.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `${connector}/${name}${version > 1 ? `-v${version}` : ''}`;
};

/** Every place in a schema where a person would have to fill in a field without a title. */
const untitled = (schema: JsonSchema, place = ''): string[] => {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const own = Object.entries(properties).flatMap(([name, property]) => [
    ...(typeof property['title'] === 'string' && property['title'] !== '' ? [] : [`${place}${name}`]),
    ...untitled(property, `${place}${name}.`),
  ]);
  const inner = ['items', 'additionalProperties', 'anyOf', 'oneOf', 'allOf'].flatMap((keyword) => {
    const value = schema[keyword];
    return (Array.isArray(value) ? value : [value]).flatMap((item: unknown) =>
      item !== null && typeof item === 'object' ? untitled(item as JsonSchema, place) : [],
    );
  });
  return [...own, ...inner];
};

const sourceFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\b(?:[^;']*?\bfrom)?\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm,
    ),
  ].map(([, named, dynamic]) => named ?? dynamic ?? '');

/** Every file and package that loading this file loads. */
const reachable = (file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const specifier of importsOf(file)) {
    if (specifier.startsWith('.')) reachable(join(file, '..', specifier), seen);
    else seen.add(specifier);
  }
  return seen;
};

describe.each(nodeDefinitions.map((definition) => [activityNameOf(definition), definition] as const))(
  '%s',
  (_name, definition) => {
    const folder = join(connectorsFolder, folderOf(definition));

    it('has its folder with definition, activity and test', () => {
      for (const file of ['definition.ts', 'activity.ts', 'activity.test.ts']) {
        expect(existsSync(join(folder, file)), join(folderOf(definition), file)).toBe(true);
      }
    });

    it('proves in its test that every named failure can happen', () => {
      expect(readFileSync(join(folder, 'activity.test.ts'), 'utf8')).toMatch(/^provesEveryFailure\(\w+\);$/m);
    });

    it('converts to JSON Schema, and every field has a title', () => {
      const manifest = toManifest(definition);
      expect(manifest.input).toMatchObject({ type: 'object' });
      expect([...untitled(manifest.input), ...untitled(manifest.output)]).toEqual([]);
    });

    it('has examples that parse, and survive JSON', () => {
      for (const { title, input, output } of definition.examples) {
        expect(title).not.toBe('');
        expect(definition.input.safeParse(input).error).toBeUndefined();
        expect(definition.output.safeParse(output).error).toBeUndefined();
        expect(JSON.parse(JSON.stringify({ input, output }))).toEqual({ input, output });
        const parsed: unknown = definition.output.parse(output);
        expect(definition.output.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
      }
    });

    it('has limits and retries that make sense', () => {
      const { startToCloseTimeout, scheduleToCloseTimeout, heartbeatTimeout, retry } = definition.activity;
      expect(toMilliseconds(scheduleToCloseTimeout)).toBeGreaterThan(toMilliseconds(startToCloseTimeout));
      expect(toMilliseconds(retry.maximumInterval)).toBeGreaterThanOrEqual(toMilliseconds(retry.initialInterval));
      // One attempt could never find out what became of an attempt that died.
      expect(retry.maximumAttempts).toBeGreaterThanOrEqual(2);
      expect(Object.keys(definition.failures)).toEqual(expect.arrayContaining([...retry.nonRetryableErrorTypes]));
      if (heartbeatTimeout) expect(toMilliseconds(heartbeatTimeout)).toBeLessThan(toMilliseconds(startToCloseTimeout));
      // Only a heartbeat brings a cancellation to an attempt that may take long.
      if (definition.effect !== 'reads') expect(heartbeatTimeout).toBeDefined();
    });

    it('says in words what it is and what to do about each failure', () => {
      expect(definition.summary).toMatch(/^[A-Z].*\.$/);
      for (const advice of Object.values(definition.failures)) expect(advice).toMatch(/^[A-Z].*\.$/s);
      if (definition.idempotency.by === 'nobody') expect(definition.idempotency.duplicates).toMatch(/\.$/);
    });

    it('does not spend without a way to recognise a second time', () => {
      if (definition.effect === 'spends') expect(definition.idempotency.by).not.toBe('nobody');
    });

    it('uses a credential that both doors know', () => {
      if (!definition.credential) return;
      expect(credentialDefinitions).toContain(definition.credential);
      expect(credentialImplementations.map((implementation) => implementation.definition)).toContain(
        definition.credential,
      );
    });
  },
);

describe('the doors', () => {
  it('list every folder, and the same nodes', () => {
    expect(nodeDefinitions.map(folderOf).toSorted()).toEqual(nodeFolders.toSorted());
    expect(nodeImplementations.map(({ definition }) => definition)).toEqual(nodeDefinitions);
    expect(Object.keys(createActivities(createMemoryPorts()))).toEqual([
      ...nodeDefinitions.map(activityNameOf),
      evaluateActivity,
    ]);
  });

  it('list every kind of connection, each with its test', () => {
    expect(credentialImplementations.map(({ definition }) => definition)).toEqual(credentialDefinitions);
    expect(new Set(credentialDefinitions.map(({ kind }) => kind)).size).toBe(credentialDefinitions.length);
    for (const definition of credentialDefinitions) {
      const { secret, settings } = toCredentialManifest(definition);
      expect([...untitled(secret), ...untitled(settings)]).toEqual([]);
      expect(definition.help).toMatch(/\.$/);
    }
  });

  it('give manifests that survive JSON', () => {
    const all = manifests();
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
    expect(all.nodes).toHaveLength(nodeDefinitions.length);
  });

  it('reach no Node code and no vendor’s library from the definitions', () => {
    const files = [...reachable(join(source, 'definitions.ts'))];
    const inside = files.filter((file) => file.startsWith('/')).map((file) => relative(source, file));
    expect(inside.length).toBeGreaterThan(nodeDefinitions.length);
    for (const file of inside)
      expect(file).toMatch(
        /^(definitions|models\/chat-definition|connectors\/[\w-]+\/(credential|[\w-]+\/definition))\.ts$/,
      );
    expect(files.filter((file) => !file.startsWith('/')).toSorted()).toEqual(['@everwave/schema/node', 'zod']);
  });
});

describe.each(connectors)('connector %s', (connector) => {
  const folder = join(connectorsFolder, connector);

  it('has an icon of less than 4 kB that can do nothing', () => {
    const icon = join(folder, 'icon.svg');
    expect(statSync(icon).size).toBeLessThan(4096);
    const text = readFileSync(icon, 'utf8');
    expect(text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox=/);
    expect(text).not.toMatch(/<script|<foreignObject|\son\w+=|href|url\(|<!|<\?|<style/i);
  });

  it('has a fake and a connection test when it has connections', () => {
    const hasCredential = existsSync(join(folder, 'credential.ts'));
    for (const file of ['fake.ts', 'test-credential.ts']) expect(existsSync(join(folder, file))).toBe(hasCredential);
  });

  it('imports nothing of another connector', () => {
    for (const file of sourceFiles(folder)) {
      const foreign = importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(connectorsFolder, join(file, '..', specifier)))
        .filter((target) => !target.startsWith('..') && !target.startsWith(`${connector}/`));
      expect(foreign, relative(source, file)).toEqual([]);
    }
  });
});

describe('the way out', () => {
  const files = sourceFiles(source).filter((file) => !file.endsWith('.test.ts'));

  it('is the egress module alone', () => {
    const clients =
      /^(undici|node:(http|https|http2|net|tls|dgram|dns)(\/promises)?|nodemailer(\/.*)?|axios|got|node-fetch|openai|@anthropic-ai\/sdk)$/;
    const allowed = [
      /^runtime\/(egress|egress-fetch|address-policy)\.ts$/,
      /^fakes\//,
      /\/fake\.ts$/,
      // Hands the guarded fetch to the vendor's library.
      /^connectors\/(openai|anthropic)\/client\.ts$/,
      // Connects only to addresses that the egress module has resolved and checked.
      /^connectors\/email\/(client|smtp-errors|send\/activity|test-credential)\.ts$/,
      // Composes a message, which leaves by the client above.
      /^mail\/(deliver-mail|mailer)\.ts$/,
    ];
    expect(files.length).toBeGreaterThan(40);
    const others = files
      .map((file) => relative(source, file))
      .filter((file) => importsOf(join(source, file)).some((specifier) => clients.test(specifier)))
      .filter((file) => !allowed.some((pattern) => pattern.test(file)));
    expect(others).toEqual([]);
  });

  it('is never the global fetch', () => {
    // A call of a bare `fetch`; `async fetch(` defines the guarded one.
    const calls = /(?<!\.|\w|async )fetch\(/;
    const bare = files.filter((file) => calls.test(readFileSync(file, 'utf8')) && !importsOf(file).includes('undici'));
    expect(bare.map((file) => relative(source, file))).toEqual([]);
  });
});
