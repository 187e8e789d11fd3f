import { data } from 'react-router';
import { ErrorPage } from '#app/components/data/error-page.tsx';
import type { Route } from './+types/route.ts';

export const loader = () => {
  // oxlint-disable-next-line typescript/only-throw-error -- React Router takes a status as a thrown value
  throw data(null, { status: 404 });
};

export default function NotFound() {
  return null;
}

export const ErrorBoundary = ({ error }: Route.ErrorBoundaryProps) => <ErrorPage error={error} />;
