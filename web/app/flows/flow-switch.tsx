import type { FlowSummary } from '@everwave/schema/api';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Switch } from '#app/components/ui/switch.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import type { action } from './list/route.tsx';

/** Turns a flow's triggers on and off, and says what that means. */
export const FlowSwitch = ({
  flow,
}: {
  readonly flow: Pick<FlowSummary, 'id' | 'name' | 'status' | 'version' | 'may'>;
}) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const mayWrite = flow.may.includes('flows:publish');
  const asked = fetcher.formData?.get('on');
  const isOn = asked ? asked === 'true' : flow.status === 'active';
  const result = fetcher.data;

  useEffect(() => {
    if (!result) return;
    if (!result.ok) toast(result.problem.detail);
    else if (result.value.on) toast(`${flow.name} is on. New events start runs.`);
    else toast(`${flow.name} is off. New deliveries wait in the inbox; open runs go on.`);
  }, [result, toast, flow.name]);

  return (
    <fetcher.Form method="post" action="/workflows" className="flex">
      <input type="hidden" name="flowId" value={flow.id} />
      <input type="hidden" name="on" value={String(!isOn)} />
      <Switch
        type="submit"
        checked={isOn}
        label={`${flow.name} takes new events`}
        words={{ on: 'On', off: 'Off' }}
        disabled={!mayWrite || flow.version === null}
        title={flow.version === null ? 'Publish the flow first' : undefined}
      />
    </fetcher.Form>
  );
};
