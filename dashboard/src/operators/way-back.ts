const BASE = '/admin';

/** Where somebody wanted to go before they had to sign in: a page of the console, as its router knows it. */
export function wayBack(search: string): string {
  const wish = new URLSearchParams(search).get('return_to') ?? '';
  if (!URL.canParse(wish, window.location.origin)) return '/';
  const { origin, pathname, search: query } = new URL(wish, window.location.origin);
  const isOurs = origin === window.location.origin && `${pathname}/`.startsWith(`${BASE}/`);
  return isOurs ? `${pathname.slice(BASE.length) || '/'}${query}` : '/';
}
