import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const usage = `Makes the folder of a new node and enters it at both doors.

  pnpm new:node <connector>.<verb>      pnpm new:node slack.archiveChannel

The connector's folder is made too when it is new.`;

const root = join(import.meta.dirname, '..');
const marker = '  // One node to a line: `pnpm new:node` adds below.\n';

/** Makes the node and returns what was written. Throws, before it writes anything, when the name cannot be used. */
const newNode = async (kind: string): Promise<readonly string[]> => {
  const match = /^([a-z][a-z0-9]*)\.([a-z][a-zA-Z0-9]*)$/.exec(kind);
  if (!match) throw new Error(`"${kind}" is no name for a node. Write <connector>.<verb>, such as slack.postMessage.`);
  const [, connector = '', verb = ''] = match;
  const connectorFolder = join(root, 'src/connectors', connector);
  const folderName = verb.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const nodeFolder = join(connectorFolder, folderName);
  if (existsSync(nodeFolder)) throw new Error(`${kind} exists already: ${nodeFolder}`);

  const credential = await credentialOf(connectorFolder);
  const definition = `${connector}${capitalised(verb)}`;
  const values = {
    kind,
    verb,
    definition,
    title: capitalised(verb.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)),
    credential: credential?.name ?? 'null',
    credentialImport: credential ? `import { ${credential.name} } from '../credential.ts';\n` : '',
    connect: credential
      ? `  node.connect({ kind: '${credential.kind}', settings: {}, secret: {} }); // fill in what the credential asks for\n`
      : '',
  };

  const isNew = !existsSync(connectorFolder);
  await mkdir(nodeFolder, { recursive: true });
  if (isNew) await cp(join(root, 'templates/connector'), connectorFolder, { recursive: true });
  const templates = join(root, 'templates/node');
  const files = (await readdir(templates)).toSorted();
  for (const file of files) {
    const text = await readFile(join(templates, file), 'utf8');
    await writeFile(join(nodeFolder, file.replace(/\.txt$/, '')), fill(text, values));
  }
  const place = `./connectors/${connector}/${folderName}`;
  await enter('definitions.ts', definition, `import { ${definition} } from '${place}/definition.ts';`);
  await enter('implementations.ts', definition, `import { ${verb} as ${definition} } from '${place}/activity.ts';`);
  return files.map((file) => `activities/src/connectors/${connector}/${folderName}/${file.replace(/\.txt$/, '')}`);
};

/** The connector's credential, when it has one. */
const credentialOf = async (folder: string): Promise<{ name: string; kind: string } | null> => {
  const file = join(folder, 'credential.ts');
  if (!existsSync(file)) return null;
  const text = await readFile(file, 'utf8');
  const name = /export const (\w+) = defineCredential\(/.exec(text)?.[1];
  const kind = /kind: '([^']+)'/.exec(text)?.[1];
  if (!name || !kind) throw new Error(`${file} exports no credential made by defineCredential.`);
  return { name, kind };
};

/** One import and one line of the list, kept in the order of the alphabet. */
const enter = async (door: string, name: string, importLine: string): Promise<void> => {
  const file = join(root, 'src', door);
  const text = await readFile(file, 'utf8');
  const start = text.indexOf(marker);
  if (start === -1) throw new Error(`${file} has lost its marker line: ${marker.trim()}`);
  const listStart = start + marker.length;
  const listEnd = text.indexOf('\n]', listStart) + 1;
  const entries = [
    ...text
      .slice(listStart, listEnd)
      .split('\n')
      .filter((line) => line !== ''),
    `  ${name},`,
  ].toSorted();
  const lastImport = text.lastIndexOf('\nimport ');
  const importEnd = text.indexOf(';\n', lastImport) + 2;
  await writeFile(
    file,
    [
      text.slice(0, importEnd),
      `${importLine}\n`,
      text.slice(importEnd, listStart),
      `${entries.join('\n')}\n`,
      text.slice(listEnd),
    ].join(''),
  );
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => values[name] ?? '');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' } },
});
const [kind] = positionals;
if (values.help || kind === undefined) {
  process.stdout.write(`${usage}\n`);
  process.exitCode = values.help ? 0 : 1;
} else {
  try {
    const files = await newNode(kind);
    process.stdout.write(`${files.map((file) => `  ${file}`).join('\n')}\n`);
    process.stdout.write('Write the definition, then the effect, then: pnpm exec vitest run activities\n');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
