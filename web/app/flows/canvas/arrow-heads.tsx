/** The ends of edges, drawn once for all of them. */
export const ArrowHeads = () => (
  <svg aria-hidden className="absolute size-0">
    <defs>
      {(['plain', 'open', 'taken', 'dead', 'error'] as const).map((state) => (
        <marker
          key={state}
          id={`wire-end-${state}`}
          viewBox="0 0 8 8"
          refX="6.5"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto-start-reverse"
        >
          <path d="M0.5 0.5 7 4 0.5 7.5Z" className={`flow-arrow flow-arrow-${state}`} />
        </marker>
      ))}
    </defs>
  </svg>
);
