import type { Condition, Template } from '../plan.ts';
import { findTemplateReferences } from './find-template-references.ts';

export type Path = readonly string[];

/** Everything that the templates of a condition read. */
export const conditionReads = (condition: Condition): readonly Path[] => {
  if ('all' in condition) return condition.all.flatMap(conditionReads);
  if ('any' in condition) return condition.any.flatMap(conditionReads);
  if ('not' in condition) return conditionReads(condition.not);
  return [...templateReads(condition.left), ...templateReads(condition.right ?? null)];
};

/** Everything that a template reads of its scope. What cannot be parsed reads nothing: evaluating it says why. */
export const templateReads = (template: Template): readonly Path[] =>
  findTemplateReferences(template).references.map(({ path }) => path);

/** What is read of the value at a path, seen from there: all of it where something around it is read. */
export const readsWithin = (path: Path, reads: readonly Path[]): readonly Path[] =>
  reads.flatMap((read): readonly Path[] => {
    if (isPrefix(read, path)) return [[]];
    return isPrefix(path, read) ? [read.slice(path.length)] : [];
  });

/** Whether everything below `shorter` holds `longer` too. */
export const isPrefix = (shorter: Path, longer: Path): boolean =>
  shorter.length <= longer.length && shorter.every((name, index) => name === longer[index]);
