/**
 * False when a browser says that another site's page sent this. `Origin` is sent with everything that
 * changes something (fetch.spec.whatwg.org, "append a request Origin header"); who sends neither header is
 * no browser, and carries no cookie of one.
 */
export function isFromOwnPage(request: Request, publicUrl: string): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  // A proxy may have changed the host we are asked by; then it is the public one.
  return origin === new URL(publicUrl).origin || origin === new URL(request.url).origin;
}
