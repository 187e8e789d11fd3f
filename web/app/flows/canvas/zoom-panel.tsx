import { Panel, useReactFlow } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { Button } from '#app/components/ui/button.tsx';
import { fit } from './opening-viewport.ts';

/** Smaller, larger, all of it. */
export const ZoomPanel = () => {
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  return (
    <Panel
      position="bottom-right"
      className="!m-3 flex rounded-md border border-line bg-[var(--glass)] p-0.5 backdrop-blur-md"
    >
      <Button
        variant="quiet"
        size="sm"
        aria-label="Smaller"
        icon={<Minus size={15} />}
        onClick={() => void zoomOut()}
      />
      <Button variant="quiet" size="sm" aria-label="Larger" icon={<Plus size={15} />} onClick={() => void zoomIn()} />
      <Button
        variant="quiet"
        size="sm"
        aria-label="Show the whole flow"
        icon={<Maximize size={15} />}
        onClick={() => void fitView(fit)}
      />
    </Panel>
  );
};
