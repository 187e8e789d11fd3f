import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from '@xyflow/react';
import { memo } from 'react';
import { classNames } from '#app/words/class-names.ts';
import type { WireEdge } from './to-react-flow.ts';

/** A curve with its direction at the end; inked where the run went, faded where it will not go, dashed for failures, dotted to what undoes. */
export const FlowEdge = memo(function FlowEdge({ data, ...places }: EdgeProps<WireEdge>) {
  const [path, labelX, labelY] = getBezierPath({
    sourceX: places.sourceX,
    sourceY: places.sourceY,
    targetX: places.targetX,
    targetY: places.targetY,
    sourcePosition: places.sourcePosition,
    targetPosition: places.targetPosition,
  });
  const state = data?.state ?? 'plain';
  const kind = data?.isUndo ? 'undo' : data?.isError ? 'error' : 'normal';
  return (
    <>
      <BaseEdge
        id={places.id}
        path={path}
        className={classNames('flow-wire', `flow-wire-${state}`, `flow-wire-${kind}`)}
        markerEnd={`url(#wire-end-${kind === 'error' ? 'error' : state})`}
      />
      {data?.label ? (
        <EdgeLabelRenderer>
          <span
            className={classNames('flow-wire-label', state === 'dead' && 'flow-wire-label-dead')}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {data.label}
          </span>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
});
