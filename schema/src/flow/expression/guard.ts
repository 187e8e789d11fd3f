import { EvaluationStop } from './evaluation-stop.ts';
import { expressionLimits, type ExpressionLimits } from './limits.ts';
import { createMeasure, type Measure } from './measure.ts';

/** Counts the work of a template's evaluation and stops it when it costs too much. One for all segments. */
export interface Guard {
  /** Steps spent so far. */
  readonly spent: number;
  /** Adds work, in steps. Throws `EvaluationStop` when the budget is used up, or after `close`. */
  charge(steps: number): void;
  /** Checks a value that came into being, and returns it. Throws `EvaluationStop` when it is too large. */
  keep<T>(value: T): T;
  measure(value: unknown): Measure;
  /** Throws before a built-in makes a text that would be too long. */
  allowText(length: number): void;
  /** Throws before a built-in makes a list that would be too long. */
  allowItems(count: number): void;
  /** Ends all work that JSONata may still have under way beside the branch that failed. */
  close(): void;
}

export const createGuard = (limits: ExpressionLimits = expressionLimits): Guard => {
  let spent = 0;
  let closed = false;
  const charge = (amount: number) => {
    if (closed) throw new EvaluationStop('budget', 'The evaluation has ended.');
    spent += amount;
    if (spent > limits.steps) {
      throw new EvaluationStop(
        'budget',
        'The expression takes too many steps: look for an endless recursion, or do this work in a step of its own.',
      );
    }
  };
  const measure = createMeasure((width) => charge(width / 16), limits);
  return {
    get spent() {
      return spent;
    },
    charge,
    measure,
    keep(value) {
      measure(value);
      if (typeof value === 'string') charge(value.length / 1_024);
      return value;
    },
    allowText(length) {
      if (length > limits.text) {
        throw new EvaluationStop('too_large', `The expression makes a text of more than ${limits.text} characters.`);
      }
    },
    allowItems(count) {
      if (count > limits.sequence) {
        throw new EvaluationStop(
          'too_large',
          `The expression makes or walks a list of more than ${limits.sequence} items.`,
        );
      }
    },
    close() {
      closed = true;
    },
  };
};
