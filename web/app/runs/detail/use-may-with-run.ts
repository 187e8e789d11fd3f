import type { Permission } from '@everwave/schema/api';
import { useRouteLoaderData } from 'react-router';
import { useMay } from '#app/shell/use-me.ts';
import type { loader } from './route.tsx';

/** Whether the person may do this with the run that the page shows; on a page without one, with runs at all. */
export const useMayWithRun = (permission: Permission): boolean => {
  const page = useRouteLoaderData<typeof loader>('runs/detail/route');
  const may = useMay(permission);
  return page ? page.run.may.includes(permission) : may;
};
