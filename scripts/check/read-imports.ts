export interface Import {
  readonly specifier: string;
  /** Erased before it runs: `import type`, `export type … from`. */
  readonly typeOnly: boolean;
}

const statement =
  /^[ \t]*(?:import|export)(?<type>[ \t]+type)?(?:[ \t]+|(?=['"{*]))(?:[^'"`;=()]*?\bfrom[ \t]*)?['"](?<specifier>[^'"\n]+)['"]/gm;
const call = /\b(?:import|require(?:\.resolve)?)\(\s*['"](?<specifier>[^'"\n]+)['"]/g;
const typeQuery = /\btypeof[ \t]+import\(\s*['"](?<specifier>[^'"\n]+)['"]/g;

/** The imports a TypeScript module names, in our formatting: one statement per line start, no code behind comments. */
export const readImports = (source: string): Import[] => {
  const code = withoutComments(source);
  const queried = new Set([...code.matchAll(typeQuery)].map(({ groups }) => groups?.['specifier']));
  const statements = [...code.matchAll(statement)].map(({ groups }) => ({
    specifier: groups?.['specifier'] ?? '',
    typeOnly: groups?.['type'] !== undefined,
  }));
  const calls = [...code.matchAll(call)].map(({ groups }) => groups?.['specifier'] ?? '');
  return [...statements, ...calls.map((specifier) => ({ specifier, typeOnly: queried.has(specifier) }))];
};

const withoutComments = (source: string): string =>
  source.replace(/^[ \t]*\/\*\*?[\s\S]*?\*\//gm, '').replace(/^[ \t]*\/\/.*$/gm, '');
