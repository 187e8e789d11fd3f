import { expect, it } from 'vitest';
import { addUp, problem, tallyReport } from './tally.ts';

const report = (over: object) => ({
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] }],
  ...over,
});

it('counts what passed, failed and was skipped, and names what failed', () => {
  const failed = {
    status: 'failed',
    fullName: 'a run ends',
    failureMessages: ['expected 1 to be 2\n  at a.test.ts:3'],
  };
  const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'passed' }, failed] }];
  const given = report({ numFailedTests: 1, numPendingTests: 1, success: false, testResults });
  expect(tallyReport(given, 1)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 1,
    problems: [],
    failures: ['a.test.ts: a run ends: expected 1 to be 2'],
  });
});

it('counts a file that could not be loaded', () => {
  const testResults = [
    { name: 'a.test.ts', status: 'failed', message: 'Cannot find module x\n  at', assertionResults: [] },
  ];
  expect(tallyReport(report({ success: false, testResults }), 1)).toMatchObject({
    failed: 1,
    problems: ['a.test.ts: Cannot find module x'],
  });
});

it('counts a run in which nothing ran as a failure', () => {
  expect(tallyReport(report({ numPassedTests: 0, testResults: [] }), 0)).toMatchObject({
    failed: 1,
    problems: ['No test ran.'],
  });
});

it('counts an error outside the tests', () => {
  expect(tallyReport(report({}), 1)).toMatchObject({ passed: 3, failed: 1 });
});

it('adds up', () => {
  expect(addUp([tallyReport(report({}), 0), problem('x')])).toEqual({
    passed: 3,
    failed: 1,
    skipped: 0,
    problems: ['x'],
    failures: [],
  });
});
