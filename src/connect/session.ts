import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { cookieOf, hostCookie } from '../http/cookies.ts';
import { newId } from '../ids.ts';
import { isSpentToken, spendToken } from './token-rows.ts';
import { checkToken, signToken, TOKEN_SECONDS } from './token.ts';

/** Who is signed in: a seller, by its id, or the platform's staff. */
export interface Session {
  /** The seller's id, or `staff`. */
  subject: string;
  /** Different each time somebody signs in. */
  id: string;
  token: string;
}

export type SessionKind = 'seller_session' | 'staff_session';

export interface SessionSettings {
  secret: string;
  /** Where the pages are: what is posted has to come from there. */
  publicUrl: string;
  clock: Clock;
  database: Pick<Database, 'sql'>;
}

/** The field of a form that carries its token. */
export const FORM_TOKEN = 'form_token';

const COOKIES: Record<SessionKind, string> = {
  seller_session: '__Host-quittance_seller',
  staff_session: '__Host-quittance_staff',
};
const VALUE = /^([\w]{1,100})~([\w]{1,100})~([\w.-]{1,100})$/;

/**
 * Signed cookies: HttpOnly, Secure and for this host alone (`__Host-`, RFC 6265bis 4.1.3.2), ended after a
 * fixed time whatever happens. `Lax`, because the link that begins a session comes from elsewhere: with
 * `Strict` the redirect after it would come without the cookie. What changes something is a POST, which `Lax`
 * keeps back, and carries a token of its own.
 */
export class Sessions {
  readonly #kind: SessionKind;
  readonly #settings: SessionSettings;

  constructor(kind: SessionKind, settings: SessionSettings) {
    this.#kind = kind;
    this.#settings = settings;
  }

  /** Begins a session and returns its `Set-Cookie` header. */
  begin(subject: string): string {
    const id = newId('ses');
    const { secret, clock } = this.#settings;
    const { token } = signToken(secret, this.#target({ subject, id }), clock);
    return this.#cookie(`${subject}~${id}~${token}`, TOKEN_SECONDS[this.#kind]);
  }

  /** The session of a request, or null when there is none that is good now. */
  async read(request: Request): Promise<Session | null> {
    const [, subject = '', id = '', token = ''] = VALUE.exec(cookieOf(request, COOKIES[this.#kind])) ?? [];
    const { secret, clock, database } = this.#settings;
    const verdict = checkToken(secret, this.#target({ subject, id }), token, clock);
    if (verdict !== 'good' || (await isSpentToken(database.sql, token))) return null;
    return { subject, id, token };
  }

  /** Ends a session for everybody who has its cookie; the header takes it from this browser. */
  async end({ token }: Session): Promise<string> {
    const { clock, database } = this.#settings;
    const now = clock.now();
    const end = new Date(now + TOKEN_SECONDS[this.#kind] * 1000);
    await spendToken(database.sql, token, end, new Date(now));
    return this.#cookie('', 0);
  }

  /** What each form of a page carries, so that a page of somebody else can't send one. */
  formToken({ subject, id }: Session): string {
    const { secret, clock } = this.#settings;
    return signToken(secret, { purpose: 'form', subject: `${subject}~${id}` }, clock).token;
  }

  /** Was this form sent by a page of ours, in this session? */
  isOwnForm(request: Request, { subject, id }: Session, form: URLSearchParams): boolean {
    const { secret, clock, publicUrl } = this.#settings;
    const token = form.get(FORM_TOKEN) ?? undefined;
    const target = { purpose: 'form', subject: `${subject}~${id}` } as const;
    return isSameOrigin(request, publicUrl) && checkToken(secret, target, token, clock) === 'good';
  }

  #target({ subject, id }: Pick<Session, 'subject' | 'id'>) {
    return { purpose: this.#kind, subject: `${subject}~${id}` };
  }

  #cookie(value: string, maxAge: number): string {
    return hostCookie(COOKIES[this.#kind], value, maxAge);
  }
}

// Browsers say where a request comes from, and pages can't change it. Who says nothing is no browser.
function isSameOrigin(request: Request, publicUrl: string): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  return request.headers.get('origin') === new URL(publicUrl).origin;
}
