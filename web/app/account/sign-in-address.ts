/** Where to sign in to come back to this page. */
export const signInAddress = ({ pathname, search }: URL): string => {
  const next = `${pathname}${search}`;
  return next === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next })}`;
};
