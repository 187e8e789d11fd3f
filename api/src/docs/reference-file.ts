import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** The script of the API reference, as its authors ship it for browsers. */
export interface ReferenceFile {
  readonly version: string;
  /** Compressed by gzip, once. */
  compressed(): Promise<Buffer<ArrayBuffer>>;
}

const library = createRequire(import.meta.url).resolve('@scalar/api-reference');

const versionOf = (file: URL): string => {
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
};

/** Finds the file of the installed version; four megabytes that are read when first asked for. */
export const findReferenceFile = (): ReferenceFile => {
  const entry = new URL(`file://${library}`);
  let compressed: Promise<Buffer<ArrayBuffer>> | null = null;
  return {
    version: versionOf(new URL('../package.json', entry)),
    compressed: () => {
      compressed ??= promisify(gzip)(readFileSync(new URL('browser/standalone.js', entry)));
      return compressed;
    },
  };
};

/** Where the reference is served: its page, and the two scripts the page loads. */
export const referencePaths = () => ({
  page: '/docs',
  start: '/docs/start.js',
  library: `/docs/reference-${findReferenceFile().version}.js`,
});
