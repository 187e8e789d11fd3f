import type { NodeManifest, Port } from '../node/manifest.ts';
import type { Json } from './plan.ts';

/** Triggers and control nodes as data, in the order of the palette. */
export const coreManifests: readonly NodeManifest[] = [];

/** The ways out of a node. Those of a switch depend on its input: one per case, then `default`. */
export const portsOf = (manifest: NodeManifest, _input: { readonly [field: string]: Json }): readonly Port[] =>
  manifest.ports ?? [];
