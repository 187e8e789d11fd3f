import { describe, expect, it } from 'vitest';
import { packageFolders, readImportGraph, type Edge } from './check/import-graph.ts';

const graph = readImportGraph();
const filesOf = (pattern: RegExp) => [...graph.files.keys()].filter((file) => pattern.test(file));
const nameOf = (specifier: string) => specifier.replace(/^((?:@[^/]+\/)?[^/]+).*$/, '$1');

it('has read the packages, and found imports in each', () => {
  for (const folder of packageFolders) {
    const files = filesOf(new RegExp(`^${folder}/`));
    expect(files.length, `source files of ${folder}`).toBeGreaterThan(2);
    expect(files.flatMap((file) => graph.files.get(file) ?? []).length, `imports in ${folder}`).toBeGreaterThan(2);
  }
});

interface Rule {
  readonly title: string;
  /** Files the rule is about. */
  readonly from: RegExp;
  /** Files of ours they may import, beside each other. */
  readonly own: RegExp;
  /** Files of ours of which they may import the types. */
  readonly ownTypes?: RegExp;
  /** Packages of others. Without it: any. */
  readonly others?: RegExp;
}

const nothing = /^$/;

// docs/architecture.md: who imports whom, and why.
const rules: readonly Rule[] = [
  {
    title: 'schema imports no other package of ours, no Node, and zod, JSONata and RE2 alone',
    from: /^schema\/src\/(?!db\/)/,
    own: /^schema\/src\/(?!db\/)/,
    others: /^(zod|jsonata|re2js)$/,
  },
  {
    title: 'the kernel imports no other package at run time',
    from: /^schema\/src\/interpreter\//,
    own: /^schema\/src\/(interpreter|run|flow|ids\.ts)/,
    ownTypes: /^schema\/src\//,
    others: nothing,
  },
  {
    title: 'the tables import Drizzle and the schema alone',
    from: /^schema\/src\/db\//,
    own: /^schema\/src\//,
    others: /^(drizzle-orm|postgres|zod|node:.*)$/,
  },
  { title: 'temporal imports schema alone', from: /^temporal\//, own: /^(schema|temporal)\// },
  {
    title: 'activities import schema, and never its tables',
    from: /^activities\//,
    own: /^(activities|schema\/src\/(?!db\/))/,
  },
  {
    title: 'a definition imports other definitions, schema and zod alone',
    from: /^activities\/src\/(.*\/)?(definition|definitions|credential)\.ts$/,
    own: /^(schema\/src\/(?!db\/)|activities\/src\/.*\/?(definition|credential)\.ts$)/,
    ownTypes: /^activities\//,
    others: /^zod$/,
  },
  {
    title: 'the sandbox imports the kernel and @temporalio/workflow',
    from: /^temporal-workers\/src\/workflows\//,
    own: /^(temporal-workers\/src\/workflows|schema\/src\/(interpreter|flow|run|ids\.ts))/,
    ownTypes: /^schema\//,
    others: /^@temporalio\/(workflow|common)$/,
  },
  {
    title: 'the worker imports activities, temporal and schema, never the api',
    from: /^temporal-workers\/src\/(?!workflows\/)/,
    own: /^(temporal-workers|temporal|schema|activities\/src\/worker\.ts)/,
    ownTypes: /^activities\//,
  },
  {
    title: 'the api loads definitions, triggers and its own mailer, never what carries out the effects of flows',
    from: /^api\//,
    own: /^(api|schema|temporal|activities\/src\/(definitions|mail|triggers)\.ts)/,
    ownTypes: /^temporal-workers\/src\/workflows\//,
  },
  {
    title: 'the web imports schema without its tables, and the type of the api',
    from: /^web\//,
    own: /^(web|schema\/src\/(?!db\/))/,
    ownTypes: /^api\/src\/app\.ts$/,
  },
  { title: 'the command line imports schema alone', from: /^cli\//, own: /^(cli|schema\/src\/(?!db\/))/ },
];

describe('each import keeps the direction', () => {
  it.each(rules)('$title', ({ from, own, ownTypes = nothing, others }) => {
    const files = filesOf(from);
    expect(files.length, 'files this rule has read').toBeGreaterThan(0);
    const isAllowed = ({ file, specifier, typeOnly }: Edge) => {
      if (file === null) return typeOnly || !others || specifier.startsWith('.') || others.test(nameOf(specifier));
      return own.test(file) || from.test(file) || (typeOnly && ownTypes.test(file));
    };
    const turned = files.flatMap((file) =>
      (graph.files.get(file) ?? [])
        .filter((edge) => !isAllowed(edge))
        .map((edge) => `${file} imports ${edge.specifier}`),
    );
    expect(turned).toEqual([]);
  });

  it('a connector imports no other connector', () => {
    const connectorOf = (file: string) => /^activities\/src\/connectors\/([^/]+)\//.exec(file)?.[1];
    const files = filesOf(/^activities\/src\/connectors\//);
    expect(files.length).toBeGreaterThan(0);
    const crossed = files.flatMap((file) =>
      (graph.files.get(file) ?? [])
        .filter((edge) => edge.file !== null && (connectorOf(edge.file) ?? connectorOf(file)) !== connectorOf(file))
        .map((edge) => `${file} imports ${edge.file}`),
    );
    expect(crossed).toEqual([]);
  });
});

interface Reachability {
  readonly title: string;
  readonly entry: string;
  readonly never: RegExp;
  readonly atLeast: number;
}

const reachable: readonly Reachability[] = [
  {
    title: 'the kernel reaches no zod, no Temporal, no Node',
    entry: 'schema/src/interpreter/index.ts',
    never: /^zod$|^node:|^@temporalio|^schema\/src\/(db|api|node)\//,
    atLeast: 8,
  },
  {
    title: 'no workflow reaches an effect, a database, zod or Node',
    entry: 'temporal-workers/src/workflows/index.ts',
    never: /^(activities|api|temporal|web)\/|^schema\/src\/db\/|^zod$|^node:|^drizzle-orm|^postgres$/,
    atLeast: 8,
  },
  {
    title: 'no definition reaches a vendor, a server or Node',
    entry: 'activities/src/definitions.ts',
    never: /\/(activity|client|fake)\.ts$|^activities\/src\/runtime\/|^node:|^undici|^nodemailer|^hono|^@temporalio/,
    atLeast: 4,
  },
  {
    title: 'the api reaches nothing that carries out effects',
    entry: 'api/src/main.ts',
    never: /^activities\/.*\/(activity|fake)\.ts$|^activities\/src\/(worker|demo|fakes)|^temporal-workers\/|^web\//,
    atLeast: 50,
  },
  {
    title: 'the worker reaches neither api nor web',
    entry: 'temporal-workers/src/main.ts',
    never: /^(api|web|cli)\//,
    atLeast: 30,
  },
];

describe('what runs when an entry is loaded', () => {
  it.each(reachable)('$title', ({ entry, never, atLeast }) => {
    const { files, others, path } = graph.reach(entry);
    expect(files.size, 'files reached').toBeGreaterThan(atLeast);
    const forbidden = [...files, ...others].filter((name) => never.test(name)).map((name) => path(name).join(' → '));
    expect(forbidden).toEqual([]);
  });

  it('no module of the web that browsers load reaches Node or another package than schema', () => {
    // React Router keeps *.server.ts and the server's entry out of the browser's bundle.
    const forBrowsers = filesOf(/^web\/app\/.*\.tsx?$/).filter((file) => !/\.server\.tsx?$/.test(file));
    expect(forBrowsers.length).toBeGreaterThan(10);
    const forbidden = forBrowsers.flatMap((file) =>
      (graph.files.get(file) ?? [])
        .filter(({ specifier, typeOnly }) => !typeOnly && (specifier.startsWith('node:') || specifier === 'pino'))
        .map(({ specifier }) => `${file} imports ${specifier}`),
    );
    expect(forbidden).toEqual([]);
  });
});
