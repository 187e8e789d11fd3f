import { problemMediaType } from '@everwave/schema/api';
import { problem, type ProblemCode, toProblemBody } from '../problems.ts';
import { operations } from '../routes/operations.ts';
import { examples } from './examples.ts';
import { refusalsOf } from './refusals.ts';

interface Content {
  readonly [mediaType: string]: object;
}
interface Answer {
  readonly description?: string;
  readonly content?: Content;
}
interface Operation {
  readonly operationId?: string;
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: { readonly [status: string]: Answer };
}
interface Paths {
  readonly [path: string]: object;
}

/** An answer like those that carry this code; the operations refer to it by the code. */
const exampleOf = (code: ProblemCode) => {
  const value = toProblemBody(problem(code, 'What happened, and what to do next.'), 'req-01J9ZQ6F3N');
  return { summary: value.title, value };
};

/** An example of every problem that any operation answers with, by code. */
export const problemExamples = () => {
  const codes = new Set(operations.flatMap(({ route }) => refusalsOf(route)));
  return Object.fromEntries([...codes].toSorted().map((code) => [code, exampleOf(code)]));
};

const problemAnswer = (codes: readonly ProblemCode[]): Answer => ({
  description: codes.map((code) => `\`${code}\`: ${exampleOf(code).summary}.`).join(' '),
  content: {
    [problemMediaType]: {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
    },
  },
});

const statusOf = (code: ProblemCode): number => problem(code, '').status;

/** The statuses below 400 as they were declared, and every refusal with each of its codes. */
const answersOf = ({ operationId, responses = {} }: Operation, codes: readonly ProblemCode[]) => {
  const byStatus = Map.groupBy(codes.toSorted(), statusOf);
  const refusals = [...byStatus].map(([status, same]) => [String(status), problemAnswer(same)] as const);
  // What is no problem although it is no success, such as a process that is not ready, stays as it is.
  const declared = Object.entries(responses).filter(
    ([, answer]) => !Object.keys(answer.content ?? {}).includes(problemMediaType),
  );
  const example = examples[operationId ?? '']?.response;
  const withExample = declared.map(([status, answer]) => [status, withJsonExample(answer, example)] as const);
  return Object.fromEntries([...withExample, ...refusals]);
};

const withJsonExample = <Part extends { readonly content?: Content }>(part: Part, example: unknown): Part => {
  const json = part.content?.['application/json'];
  if (json === undefined || example === undefined) return part;
  return { ...part, content: { ...part.content, 'application/json': { ...json, example } } };
};

const describe = (operation: Operation): Operation => {
  const route = operations.find((each) => each.route.operationId === operation.operationId)?.route;
  if (!route) return operation;
  const { requestBody } = operation;
  const example = examples[operation.operationId ?? '']?.request;
  return {
    ...operation,
    ...(requestBody && { requestBody: withJsonExample(requestBody, example) }),
    responses: answersOf(operation, refusalsOf(route)),
  };
};

/** Adds to each operation an example of what goes in and comes out, and every code with which it can refuse. */
export const describeOperations = (paths: Paths): Paths =>
  Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, describe(operation as Operation)]),
      ),
    ]),
  );
