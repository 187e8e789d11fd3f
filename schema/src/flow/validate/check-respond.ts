import { answersCaller } from '../answers-caller.ts';
import type { Issue } from '../issue.ts';
import type { GraphIndex } from './graph-index.ts';

/** Steps that answer a caller: there must be one who waits, and it is answered once. */
export const checkRespond = ({ nodes, outgoing }: GraphIndex): readonly Issue[] => {
  const responds = nodes.filter(({ node }) => node.kind === 'control.respond');
  if (responds.length === 0) return [];
  const someoneWaits = answersCaller(nodes.map(({ node }) => node));
  return responds.flatMap(({ node, index }): Issue[] => {
    const report = (code: string, message: string): Issue[] => [
      { severity: 'error', code, message, path: `nodes[${index}]`, nodeId: node.id },
    ];
    if (!someoneWaits) {
      const message = `${node.title} answers a caller, and none waits: set what the webhook answers to the result.`;
      return report('nobody_to_answer', message);
    }
    const after = behind(node.id, outgoing);
    const again = responds.find((other) => after.has(other.node.id));
    if (!again) return [];
    const message = `${again.node.title} comes after ${node.title}, which has answered the caller by then. Remove one of the two.`;
    return report('answered_twice', message);
  });
};

/** Steps that may run once this one has done what it does. */
const behind = (id: string, outgoing: GraphIndex['outgoing']): ReadonlySet<string> => {
  const found = new Set<string>();
  const follow = (from: string, isFirst: boolean): void => {
    for (const { to, port } of outgoing.get(from) ?? []) {
      if ((isFirst && port === 'error') || found.has(to)) continue;
      found.add(to);
      follow(to, false);
    }
  };
  follow(id, true);
  return found;
};
