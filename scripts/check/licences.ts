import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { projectFolder } from '../lib/folders.ts';

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly homepage: string | null;
  /** The text of its licence files, as published. */
  readonly text: string;
}

const listedSchema = z.record(
  z.string(),
  z.array(
    z.object({
      name: z.string(),
      paths: z.array(z.string()),
      license: z.string(),
      homepage: z.string().optional(),
    }),
  ),
);
const manifestSchema = z.object({
  version: z.string(),
  os: z.unknown().optional(),
  cpu: z.unknown().optional(),
});

/** Licences under which our users may run, change and pass on the whole. */
const allowed = new Set('MIT MIT-0 Apache-2.0 BSD-2-Clause BSD-3-Clause 0BSD ISC Unlicense BlueOak-1.0.0'.split(' '));

/** Allowed by name, with the reason. */
const exceptions: Readonly<Record<string, { licence: string; because: string }>> = {
  '@fontsource-variable/inter': { licence: 'OFL-1.1', because: 'a font, passed on unchanged' },
  '@fontsource-variable/jetbrains-mono': { licence: 'OFL-1.1', because: 'a font, passed on unchanged' },
  'caniuse-lite': { licence: 'CC-BY-4.0', because: 'data, read by a build tool' },
  lightningcss: { licence: 'MPL-2.0', because: 'a build tool, used unchanged' },
  unionfs: { licence: 'Unknown', because: 'its LICENSE file is the Unlicense; only its manifest does not say so' },
};

/** Everything that runs in production, without the packages that exist per platform: their licence is their parent's. */
export const readDependencies = async (): Promise<Dependency[]> => {
  const { stdout } = await promisify(execFile)('pnpm', ['licenses', 'list', '--prod', '--json', '-r'], {
    cwd: projectFolder,
    maxBuffer: 64 * 1024 ** 2,
  });
  const listed = Object.values(listedSchema.parse(JSON.parse(stdout))).flat();
  const read = listed.flatMap(({ name, paths, license, homepage }) =>
    paths.flatMap((path): Dependency[] => {
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')));
      if (manifest.os !== undefined || manifest.cpu !== undefined) return [];
      return [
        { name, version: manifest.version, licence: license, homepage: homepage ?? null, text: licenceText(path) },
      ];
    }),
  );
  const unique = new Map(read.map((dependency) => [`${dependency.name}@${dependency.version}`, dependency]));
  return [...unique.entries()]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, dependency]) => dependency);
};

/** One sentence per dependency whose licence nobody has agreed to. */
export const findRefusedLicences = (dependencies: readonly Dependency[]): string[] =>
  dependencies
    .filter(({ name, licence }) => !isAllowed(licence) && exceptions[name]?.licence !== licence)
    .map(
      ({ name, version, licence }) => `${name}@${version} is under ${licence}, which is not on the list of licences.`,
    );

/** `Apache-2.0 AND MIT`, `(MIT OR GPL-3.0)`: all of the first, one of the second. */
const isAllowed = (licence: string): boolean => {
  const plain = licence.replaceAll(/[()]/g, '');
  if (plain.includes(' OR ')) return plain.split(' OR ').some(isAllowed);
  return plain.split(' AND ').every((part) => allowed.has(part.trim()));
};

const licenceText = (folder: string): string =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file) && /(\.(md|txt)|^[^.]+)$/i.test(file))
        .toSorted()
        .map((file) => readFileSync(join(folder, file), 'utf8').trim())
        .join('\n\n')
    : '';
