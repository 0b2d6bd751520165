import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { cookieOf, hostCookie } from '../http/cookies.ts';
import { hashOf, newSecret } from '../http/sent-away.ts';

const COOKIE = '__Host-quittance_browser';
const VALUE = /^([\w-]{43})\.([\w-]{43})$/;
const KNOWN_SECONDS = 180 * 24 * 3600;
const KEY_BYTES = 32;

/**
 * Browsers in which somebody has signed in before, by a cookie that names nobody. Their failures are counted
 * apart, so that whoever guesses at a name elsewhere can't lock out its owner
 * (owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
 */
export class KnownBrowsers {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'quittance known browsers', KEY_BYTES));
  }

  /** The cookie of a browser in which `name` has just signed in. */
  cookieFor(name: string): string {
    const browser = newSecret();
    return hostCookie(COOKIE, `${browser}.${this.#sign(browser, name)}`, KNOWN_SECONDS, 'Strict');
  }

  /** What the browser is called, when `name` has signed in there; else null. */
  of(request: Request, name: string): string | null {
    const [, browser = '', signature = ''] = VALUE.exec(cookieOf(request, COOKIE)) ?? [];
    const isRight = timingSafeEqual(hashOf(signature), hashOf(this.#sign(browser, name)));
    return isRight ? browser : null;
  }

  #sign(browser: string, name: string): string {
    return createHmac('sha256', this.#key).update(`${browser} ${name}`).digest('base64url');
  }
}
