import { generateCookie } from 'hono/cookie';

/**
 * A `Set-Cookie` header for a cookie of this host alone that no script can read; `maxAge` in seconds. `Lax`
 * also comes with somebody whom another site sends here, which a way back from there needs.
 */
export function hostCookie(
  name: string,
  value: string,
  maxAge: number,
  sameSite: 'Lax' | 'Strict' = 'Lax',
): string {
  const options = { path: '/', secure: true, httpOnly: true, sameSite, maxAge } as const;
  return generateCookie(name, value, options);
}

/** The value of a cookie, or `''`. */
export function cookieOf(request: Request, name: string): string {
  const pairs = (request.headers.get('cookie') ?? '').split(/; */);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}
