import type { ServerResponse } from 'node:http';

/** For every reply of this server. Pages add a Content-Security-Policy with their own nonce (app/entry.server.tsx). */
export const setSecurityHeaders = (response: ServerResponse, publicUrl: URL): void => {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  // Nothing for other sites; with `no-referrer` the browser would not say either that a form of ours is ours.
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
  if (publicUrl.protocol === 'https:') {
    response.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
  }
};
