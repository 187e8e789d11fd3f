/** Headers that hand the api's cookies on to the browser, whatever else it answered. */
export const withCookies = (response: Response): Headers => {
  const headers = new Headers();
  for (const cookie of response.headers.getSetCookie()) headers.append('Set-Cookie', cookie);
  return headers;
};
