import type { Permission } from '@everwave/schema/api';
import { useRouteLoaderData } from 'react-router';
import type { loader } from './route.tsx';

export const useMe = () => {
  const shell = useRouteLoaderData<typeof loader>('shell/route');
  if (!shell) throw new Error('useMe stands only inside the shell, where somebody is signed in.');
  return shell.me;
};

/** Whether the signed-in person may do this. The api decides in the end; this decides what a page offers. */
export const useMay = (permission: Permission): boolean => useMe().permissions.includes(permission);
