import type { Port } from '@everwave/schema/node';
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { StepStatusWord } from '#app/components/ui/status-pill.tsx';
import { classNames } from '#app/words/class-names.ts';
import { elapsed, formatDuration } from '#app/time/time-words.ts';
import { CountDown } from '#app/time/count-down.tsx';
import { changeWords } from './change-words.ts';
import { connectorColour, connectorOf, NodeIcon } from './node-icon.tsx';
import type { StepView } from './step-view.ts';
import { SummaryLine } from './summary-line.tsx';
import { type CardNode, stateLineHeight } from './to-react-flow.ts';

const settledFor = (step: StepView): string | null => {
  if (step.startedAt === null || step.finishedAt === null || step.attempts === 0) return null;
  const milliseconds = elapsed(step.startedAt, step.finishedAt, 0);
  return milliseconds === null ? null : formatDuration(milliseconds);
};

const StateLine = ({ step }: { readonly step: StepView | null }) => {
  const took = step ? settledFor(step) : null;
  return (
    <span className="flex h-[29px] items-center gap-2 border-t border-line px-3 text-xs text-ink-2">
      <StepStatusWord status={step?.status ?? 'pending'} />
      <span className="tabular ml-auto flex items-center gap-2">
        {step?.iterations ? (
          <span className="whitespace-nowrap">
            {step.iterations.done} of {step.iterations.total}
          </span>
        ) : null}
        {step && step.attempts > 1 ? <span className="whitespace-nowrap">{step.attempts} attempts</span> : null}
        {step?.dueAt && (step.status === 'retrying' || step.status === 'waiting') ? (
          <CountDown until={step.dueAt} />
        ) : took && (step?.attempts ?? 0) < 2 ? (
          <span className="whitespace-nowrap">{took}</span>
        ) : null}
      </span>
    </span>
  );
};

/** Where a way out stands on the card's edge, in percent; the error's way out has the corner to itself. */
const placeOf = (port: Port, ports: readonly Port[]): number => {
  if (port.id === 'error') return 92;
  const ways = ports.filter((each) => each.id !== 'error');
  return ((ways.indexOf(port) + 1) / (ways.length + 1)) * 100;
};

/** One card for every kind of node: what differs comes from the manifest and the values, never from a component of its own. */
export const FlowNode = memo(function FlowNode({ id, data, selected }: NodeProps<CardNode>) {
  const { step, hasRun, ports } = data;
  const isVertical = data.orientation === 'vertical';
  const status = hasRun ? (step?.status ?? 'pending') : 'plain';
  return (
    <>
      {data.isFrame ? <span aria-hidden data-selected={selected} className="flow-frame" /> : null}
      {data.isTrigger ? null : (
        <Handle
          id="in"
          type="target"
          position={isVertical ? Position.Top : Position.Left}
          isConnectable={data.isDrawable}
        />
      )}
      <button
        type="button"
        data-status={status}
        data-selected={selected}
        data-change={data.change ?? undefined}
        data-node={id}
        aria-pressed={selected}
        className={classNames('flow-card nopan flex w-full flex-col text-left', data.isFrame && 'flow-frame-head')}
        style={{ height: data.height }}
      >
        <span
          aria-hidden
          className="absolute inset-y-0 left-0 w-1 rounded-l-lg"
          style={{ background: connectorColour(connectorOf(data.kind)) }}
        />
        <span className="flex min-h-0 flex-1 items-start gap-2.5 px-3 pt-2.5">
          <NodeIcon kind={data.kind} />
          <span className="min-w-0 flex-1">
            <span className="block truncate text-[13px] leading-[18px] font-semibold">{data.title}</span>
            <SummaryLine
              parts={data.summary}
              className={data.height - (hasRun ? stateLineHeight : 0) > 60 ? 'line-clamp-2' : 'line-clamp-1'}
            />
          </span>
          {data.change ? <span className="flow-change">{changeWords[data.change]}</span> : null}
          {data.issue ? (
            <span title={data.issue} className="text-warn">
              <TriangleAlert size={15} aria-hidden />
              <span className="sr-only">{data.issue}</span>
            </span>
          ) : null}
        </span>
        {hasRun ? <StateLine step={step} /> : null}
      </button>
      {ports.map((port) => (
        <Handle
          key={port.id}
          id={port.id}
          type="source"
          position={isVertical ? Position.Bottom : Position.Right}
          isConnectable={data.isDrawable}
          title={data.isDrawable ? port.title : undefined}
          className={classNames(port.id === 'error' && 'handle-error', port.id === 'compensate' && 'handle-undo')}
          style={isVertical ? { left: `${placeOf(port, ports)}%` } : { top: `${placeOf(port, ports)}%` }}
        />
      ))}
    </>
  );
});
