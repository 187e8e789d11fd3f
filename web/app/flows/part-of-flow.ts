import type { PageHandle } from '#app/shell/page-handle.ts';

/** The way to a page about one part of a flow, whose loader gives the flow as `flow`. */
export const partOfFlow = (part: string): PageHandle => ({
  crumbs: (loaded) => {
    const flow = (loaded as { readonly flow: { readonly id: string; readonly name: string } } | undefined)?.flow;
    return [
      { label: 'Flows', to: '/workflows' },
      { label: flow?.name ?? 'Flow', ...(flow && { to: `/workflows/${flow.id}` }) },
      { label: part },
    ];
  },
});
