import { useReactFlow, useStore } from '@xyflow/react';
import { useEffect, useEffectEvent } from 'react';
import { openingViewport } from './opening-viewport.ts';
import type { CardNode } from './to-react-flow.ts';

/** Puts the drawing into view once, as soon as the canvas knows its own size; from then on it is the reader's to move. */
export const Opening = ({ nodes }: { readonly nodes: CardNode[] }) => {
  const { viewportInitialized, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const isReady = viewportInitialized && width > 0 && height > 0;
  const open = useEffectEvent(() => setViewport(openingViewport(nodes, { width, height })));
  useEffect(() => {
    if (isReady) void open();
  }, [isReady]);
  return null;
};
