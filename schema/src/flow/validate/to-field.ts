/** `['headers', 'accept', 0]` → `headers.accept[0]`, as the node's form and a failure name a field. */
export const toField = (path: readonly (string | number)[]): string => {
  let field = '';
  for (const key of path) {
    if (typeof key === 'number') field += `[${key}]`;
    else field += field === '' ? key : `.${key}`;
  }
  return field;
};
