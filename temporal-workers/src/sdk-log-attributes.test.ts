import { expect, it } from 'vitest';
import { toLogAttributes } from './sdk-log-attributes.ts';

const workflow = { workflowId: 't/org_1/r/run_1', runId: '0199-temporal', workflowType: 'runFlow', taskToken: 'x' };

it('names org and run of a line that the SDK writes about a workflow', () => {
  expect(toLogAttributes(workflow)).toEqual({
    workflowId: 't/org_1/r/run_1',
    orgId: 'org_1',
    runId: 'run_1',
    temporalRunId: '0199-temporal',
    workflowType: 'runFlow',
  });
});

it('names the step of a line about an activity', () => {
  const activity = { workflowId: 't/org_1/r/run_1', workflowRunId: '0199', activityId: 'send~2', attempt: 3 };
  expect(toLogAttributes(activity)).toMatchObject({
    runId: 'run_1',
    temporalRunId: '0199',
    path: 'send~2',
    attempt: 3,
  });
});

it('keeps what our workflow says about itself', () => {
  expect(toLogAttributes({ ...workflow, runId: 'run_9', orgId: 'org_9', requestId: 'req-1' })).toMatchObject({
    orgId: 'org_9',
    runId: 'run_9',
    requestId: 'req-1',
  });
});

it('names the org alone of a line about a host of several runs', () => {
  expect(toLogAttributes({ workflowId: 't/org_1/h/host_1', runId: '0199' })).toEqual({
    workflowId: 't/org_1/h/host_1',
    orgId: 'org_1',
    temporalRunId: '0199',
  });
});

it('lets lines pass that are about no workflow', () => {
  expect(toLogAttributes({ sdkComponent: 'core', error: 'gone' })).toEqual({ sdkComponent: 'core', error: 'gone' });
  expect(toLogAttributes(undefined)).toEqual({});
});
