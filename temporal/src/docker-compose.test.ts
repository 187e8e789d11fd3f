import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { dynamicConfigValues } from './dev-server.ts';

const compose = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8')) as {
  services: Record<string, { image: string; command?: string[]; ports: string[] }>;
};

it('gives the Temporal server in the container the settings of the embedded one', () => {
  const flags = (compose.services['temporal']?.command ?? [])
    .filter((flag) => flag.startsWith('--dynamic-config-value='))
    .map((flag) => flag.slice('--dynamic-config-value='.length));
  expect(flags).toEqual(dynamicConfigValues());
});

it('opens every port on loopback only, and names every image by an exact version', () => {
  const services = Object.values(compose.services);
  expect(services.flatMap(({ ports }) => ports).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  expect(services.map(({ image }) => image).filter((image) => !/:\d+\.\d+/.test(image))).toEqual([]);
});
