import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isCollection, parse } from 'yaml';
import { projectFolder } from '../lib/folders.ts';

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly networks: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart: string;
  readonly mem_limit: string;
  readonly healthcheck?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');
const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const services = Object.entries(compose.services);
const find = (name: string): Service => {
  const service = compose.services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}.`);
  return service;
};
const namesWhere = (condition: (service: Service, name: string) => boolean) =>
  services.filter(([name, service]) => condition(service, name)).map(([name]) => name);

describe('docker-compose.yml', () => {
  it('is the whole product', () => {
    expect(namesWhere(({ profiles }) => profiles === undefined)).toEqual([
      'postgres',
      'temporal-schema',
      'temporal',
      'prepare',
      'api',
      'worker',
      'web',
    ]);
  });

  it('takes every right from every container that it does not need', () => {
    const rights = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], init: true };
    for (const [name, service] of services) expect({ name, ...service }).toMatchObject({ name, ...rights });
    expect(namesWhere((service) => /privileged|docker\.sock/.test(JSON.stringify(service)))).toEqual([]);
  });

  it('bounds what each container takes, and the worker by 2 GB', () => {
    const bounds = { mem_limit: expect.stringMatching(/^\d+[mg]$/), cpus: expect.any(Number), pids_limit: 512 };
    for (const [name, service] of services) expect({ name, ...service }).toMatchObject({ name, ...bounds });
    expect(find('worker').mem_limit).toBe('2g');
  });

  it('opens ports on loopback only, and without a profile those of web and api alone', () => {
    const open = namesWhere(({ ports }) => ports !== undefined);
    expect(open.filter((name) => find(name).profiles === undefined)).toEqual(['api', 'web']);
    for (const name of open) {
      for (const port of find(name).ports ?? [])
        expect(port).toMatch(/^(127\.0\.0\.1|\$\{EVERWAVE_BIND:-127\.0\.0\.1\}):/);
    }
  });

  it('keeps Postgres and Temporal where nothing leads out', () => {
    expect(compose.networks['inside']).toEqual({ internal: true });
    // Else every page would ask the api from one address, with one budget for all who are not signed in.
    const trusted = find('api').environment?.['EVERWAVE_TRUSTED_PROXIES'] ?? '';
    expect(trusted).toContain(/\$\{EVERWAVE_SUBNET:-([^}]+)\}/.exec(text)?.[1]);
    expect(find('web').environment?.['EVERWAVE_TRUSTED_PROXIES']).toBe(trusted);
    for (const name of ['postgres', 'temporal', 'temporal-schema', 'prepare', 'backup']) {
      expect(find(name).networks).toEqual(['inside']);
    }
    expect(find('web').networks).not.toContain('inside');
  });

  it('lets Prometheus see each process once', () => {
    const { networks } = find('prometheus');
    const shared = (name: string) => find(name).networks.filter((network) => networks.includes(network));
    expect(['api', 'worker', 'web', 'temporal'].map((name) => shared(name).length)).toEqual([1, 1, 1, 1]);
  });

  it('starts each after what it needs, and watches the health of all that stay', () => {
    const needs = Object.fromEntries(services.map(([name, { depends_on: on = {} }]) => [name, on]));
    const healthy = { condition: 'service_healthy' };
    const ended = { condition: 'service_completed_successfully' };
    expect(needs).toMatchObject({
      'temporal-schema': { postgres: healthy },
      temporal: { 'temporal-schema': ended },
      prepare: { postgres: healthy },
      api: { prepare: ended },
      worker: { prepare: ended, temporal: healthy },
      web: { api: healthy },
    });
    // Webhooks are taken while Temporal is down, so the api does not wait for it.
    expect(needs['api']).not.toHaveProperty('temporal');
    const once = ['temporal-schema', 'prepare', 'backup'];
    expect(namesWhere(({ restart }) => restart === 'no')).toEqual(once);
    // Ours bring their check in the image; the image of the Temporal UI holds no program to ask with.
    const unwatched = namesWhere(({ healthcheck, build }) => healthcheck === undefined && build === undefined);
    expect(unwatched.filter((name) => !once.includes(name))).toEqual(['temporal-ui']);
  });

  it('names every image by an exact version, at least the one that the product asks for', () => {
    const floors: Record<string, readonly number[]> = {
      postgres: [15, 0],
      'temporalio/server': [1, 32, 2],
      'temporalio/admin-tools': [1, 32, 2],
      'temporalio/ui': [2, 38, 0],
      'prom/prometheus': [2, 47, 0],
      'grafana/grafana': [10, 2, 0],
    };
    const foreign = services.filter(([, { build }]) => !build).map(([, { image }]) => image);
    const versions = foreign.map((image) => /^(.+):v?(\d+(?:\.\d+)+)$/.exec(image)?.slice(1) ?? [image, 'none']);
    expect(new Set(versions.map(([name]) => name))).toEqual(new Set(Object.keys(floors)));
    for (const [name = '', version = ''] of versions) {
      const order = compareVersions(version.split('.').map(Number), floors[name] ?? []);
      expect({ name, version, tooOld: order < 0 }).toEqual({ name, version, tooOld: false });
    }
    expect(find('temporal').image.split(':')[1]).toBe(find('temporal-schema').image.split(':')[1]);
  });

  it('gives the Temporal server the file that the embedded one is started with', () => {
    const { environment, volumes } = find('temporal');
    expect(volumes).toEqual([`./temporal/src/dynamic-config.yaml:${environment?.['DYNAMIC_CONFIG_FILE_PATH']}:ro`]);
  });

  it('holds no secret and no default for one: each is a file of its own', () => {
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\$\{EVERWAVE_SECRETS:-/);
    const suspicious = services.flatMap(([name, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([variable]) => /PASSWORD|SECRET|_KEY|TOKEN|PWD/.test(variable))
        .filter(([, value]) => !/^\/run\/secrets\/|^\$\{\w+:-\}$/.test(value))
        .map(([variable]) => `${name} ${variable}`),
    );
    expect(suspicious).toEqual([]);
    const mounted = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
    expect(mounted).toEqual(new Set(Object.keys(compose.secrets)));
    const made = [...read('deploy/make-secrets.sh').matchAll(/^make (\S+)/gm)].map(([, name]) => name);
    expect(new Set(made)).toEqual(new Set(Object.keys(compose.secrets)));
  });

  it('has its first databases made by a program that is run, not read into the entrypoint of the image', () => {
    const mounted = find('postgres').volumes?.find((volume) => volume.includes('/docker-entrypoint-initdb.d/')) ?? '';
    const script = mounted.split(':')[0] ?? '';
    expect(statSync(join(projectFolder, script)).mode & 0o111).toBe(0o111);
  });

  it('leaves Postgres connections for everyone who is counted in docs/scale.md', () => {
    const limit = Number(/--max_connections=(\d+)/.exec(find('postgres').command?.join(' ') ?? '')?.[1]);
    const { SQL_MAX_CONNS: main, SQL_VIS_MAX_CONNS: visibility } = find('temporal').environment ?? {};
    const roles = 4;
    const [apis, workers, persons] = [2 * 21, 4 * 10, 15];
    expect(roles * (Number(main) + Number(visibility)) + apis + workers + persons).toBeLessThanOrEqual(limit);
  });

  it('has its settings described in deploy/compose.env.example, and no others', () => {
    const used = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
    used.add('COMPOSE_PROFILES');
    const described = Object.keys(parseEnv(read('deploy/compose.env.example')));
    expect(new Set(described)).toEqual(used);
    const demo = Object.keys(parseEnv(read('deploy/demo.env')));
    expect(demo.filter((name) => !described.includes(name))).toEqual([]);
  });
});

// Debian's docker-compose does not know the tags that take something away; so their form is held here.
describe('the overlays', () => {
  const keep = (tag: string) => (node: unknown) => ({
    tag,
    value: isCollection(node) ? (node.toJSON() as object) : null,
  });
  const customTags = ['!reset', '!override'].flatMap((tag) => [
    { tag, collection: 'map' as const, resolve: keep(tag) },
    { tag, collection: 'seq' as const, resolve: keep(tag) },
  ]);
  const overlays = ['own-postgres', 'own-temporal', 'tls'].map((name) => ({
    name,
    content: parse(read(`deploy/compose.${name}.yml`), { customTags }) as {
      services: Record<string, Partial<Service>>;
    },
  }));

  it.each(overlays)('$name changes services that there are', ({ content }) => {
    const added = Object.entries(content.services).filter(([name]) => !(name in compose.services));
    for (const [, service] of added) {
      expect(service).toMatchObject({
        image: expect.stringMatching(/:\d+\.\d+\.\d+$/),
        cap_drop: ['ALL'],
        read_only: true,
      });
    }
    const networks = Object.values(content.services).flatMap((service) => service.networks ?? []);
    expect(networks.filter((name) => !(name in compose.networks))).toEqual([]);
  });

  it('leave nothing waiting for a service that they take away', () => {
    for (const { content } of overlays) {
      const gone = Object.entries(content.services).flatMap(([name, { profiles }]) => (profiles ? [name] : []));
      const waiting = namesWhere(({ depends_on: needs = {} }, name) => {
        if (gone.includes(name)) return false;
        const changed = content.services[name]?.depends_on as { tag?: string; value?: object } | undefined;
        const left = changed?.tag ? (changed.value ?? {}) : needs;
        return Object.keys(left).some((one) => gone.includes(one));
      });
      expect(waiting).toEqual([]);
    }
  });
});

const compareVersions = (left: readonly number[], right: readonly number[]): number => {
  for (const [index, wanted] of right.entries()) {
    const difference = (left[index] ?? 0) - wanted;
    if (difference !== 0) return difference;
  }
  return 0;
};
