/** Where the item stands in our terms that n8n calls `$json`, by name of the node that gives it; null where none does. */
export interface Roots {
  /** Of the node that the text belongs to: what comes in. */
  readonly own: string | null;
  of(nodeName: string): string | null;
}

export interface Translated {
  readonly text: string;
  /** Expressions that were left as words. */
  readonly left: readonly string[];
}

const tail = String.raw`((?:\.[A-Za-z_]\w*|\[\d+\]|\["[^"\]\x60]+"\]|\['[^'\]\x60]+'\])*)`;
const ownItem = new RegExp(String.raw`^(?:\$json|\$input\.(?:item|first\(\)|last\(\))\.json)${tail}$`);
const itemOf = new RegExp(
  String.raw`^(?:\$\((?:"([^"]+)"|'([^']+)')\)(?:\.(?:item|first\(\)|last\(\)))|\$node(?:\.([A-Za-z_]\w*)|\["([^"]+)"\]|\['([^']+)'\]))\.json${tail}$`,
);
const variable = /^\$(?:vars|env)\.([A-Z][A-Z0-9_]{0,63})$/;
const ofRun: Readonly<Record<string, string>> = {
  '$execution.id': 'run.id',
  $now: '$now()',
  '$workflow.name': 'run.flowName',
};

/** `["the name"]` is written with backticks where it is no plain name. */
const toPath = (path: string): string =>
  path.replaceAll(/\[(?:"([^"]+)"|'([^']+)')\]/g, (_all, double?: string, single?: string) => {
    const name = double ?? single ?? '';
    return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `.\`${name}\``;
  });

const translate = (source: string, roots: Roots): string | null => {
  const known = ofRun[source];
  if (known !== undefined) return known;
  const ofOwn = ownItem.exec(source);
  if (ofOwn) return roots.own === null ? null : `${roots.own}${toPath(ofOwn[1] ?? '')}`;
  const ofOther = itemOf.exec(source);
  if (ofOther) {
    const name = ofOther.slice(1, 6).find((each) => each !== undefined) ?? '';
    const root = roots.of(name);
    return root === null ? null : `${root}${toPath(ofOther[6] ?? '')}`;
  }
  const named = variable.exec(source);
  return named ? `env.${named[1]}` : null;
};

/**
 * A parameter of n8n as a text of ours. Only what is a plain path is translated; the rest of an expression is JavaScript,
 * which stands as words between « and », so that it does nothing until somebody has looked at it.
 */
export const translateText = (given: string, roots: Roots): Translated => {
  if (!given.startsWith('=')) {
    // Braces mean nothing in a fixed text of n8n's.
    return { text: given.replaceAll('{{', '{ {'), left: given.includes('{{') ? [given] : [] };
  }
  const left: string[] = [];
  const text = given.slice(1).replaceAll(/\{\{([\s\S]*?)\}\}/g, (_all, inner: string) => {
    const source = inner.trim();
    const translated = translate(source, roots);
    if (translated !== null) return `{{ ${translated} }}`;
    left.push(source);
    return `«${source}»`;
  });
  return { text, left };
};
