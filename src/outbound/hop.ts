import { QuittanceError } from '../errors.ts';

// Worth something to whoever gets them, so only the origin they were written for does.
const FOR_ONE_ORIGIN = ['authorization', 'proxy-authorization', 'cookie'];
const OF_A_BODY = ['content-type', 'content-encoding', 'content-language', 'content-location'];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** One request of a chain of redirects: all of it known, so that it can be sent again elsewhere. */
export interface Hop {
  url: URL;
  method: string;
  headers: Headers;
  body: Buffer | null;
}

/** The URL that may be called. Throws `outbound_url_invalid`. */
export function callableUrl(text: string): URL {
  if (!URL.canParse(text)) throw invalid('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw invalid(`has the scheme "${url.protocol}", and only http and https are called`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('holds a user name or password; send them in the header Authorization');
  }
  return url;
}

/** Where the answer sends us, or null when it is no redirect. Throws `outbound_redirect_refused`. */
export function nextHop(hop: Hop, { status, headers }: Response): Hop | null {
  const location = headers.get('location');
  if (location === null || !REDIRECTS.includes(status)) return null;
  if (!URL.canParse(location, hop.url)) throw redirectRefused('its Location is not a URL');
  const url = callableUrl(new URL(location, hop.url).href);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw redirectRefused('it leads from https to http');
  }
  const next: Hop = { ...hop, url, headers: new Headers(hop.headers) };
  if (url.origin !== hop.url.origin) dropFrom(next.headers, FOR_ONE_ORIGIN);
  return becomesGet(status, hop.method) ? asGet(next) : next;
}

export function redirectRefused(why: string): QuittanceError {
  return new QuittanceError({
    code: 'outbound_redirect_refused',
    message: `The redirect was not followed: ${why}.`,
  });
}

// As browsers do (Fetch standard, "HTTP-redirect fetch").
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

function asGet(hop: Hop): Hop {
  dropFrom(hop.headers, OF_A_BODY);
  return { ...hop, method: 'GET', body: null };
}

function dropFrom(headers: Headers, names: readonly string[]): void {
  for (const name of names) headers.delete(name);
}

// Without the URL, which may hold a secret.
function invalid(why: string): QuittanceError {
  return new QuittanceError({ code: 'outbound_url_invalid', message: `The address to call ${why}.` });
}
