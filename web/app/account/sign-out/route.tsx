import { redirect } from 'react-router';
import { fetchApi } from '#app/api/api.server.ts';
import { withCookies } from '../cookies.server.ts';
import type { Route } from './+types/route.ts';

export const loader = () => redirect('/');

export const action = async ({ request }: Route.ActionArgs) => {
  const response = await fetchApi(request, '/auth/sign-out', { method: 'POST', body: {} });
  return redirect('/sign-in', { headers: withCookies(response) });
};
