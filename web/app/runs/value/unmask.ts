/** In the address of a page, and of a value: masked fields are asked for. */
export const unmaskParameter = 'unmask';

export const asksToUnmask = (search: URLSearchParams): boolean => search.get(unmaskParameter) === 'true';

/** What a loader asks the api with. */
export const unmaskQueryOf = ({ url }: Request): { readonly unmask?: string } =>
  asksToUnmask(new URL(url).searchParams) ? { unmask: 'true' } : {};

/** The address of a value for a page that shows masked fields. */
export const unmasked = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}${unmaskParameter}=true`;
