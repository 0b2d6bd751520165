import { createHmac, randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { addAudit } from '../../audit/rows.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import { QuittanceError } from '../../errors.ts';
import type { Addresses } from '../../http/address.ts';
import type { Caller } from '../../http/caller.ts';
import { isOnlyLooking, sendOn } from '../../http/notice.tsx';
import { AWAY_SECONDS, browserCookie, browserSession, hashOf, newSecret } from '../../http/sent-away.ts';
import { newId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import * as rows from '../rows.ts';
import type { OidcSettings } from '../settings.ts';
import type { SignIn } from '../sign-in.ts';
import { identityOf, type Identity } from './identity.ts';
import type { Provider, Sent } from './provider.ts';
import { insertOidcState, takeOidcState } from './state-rows.ts';

export const OIDC_CALLBACK = '/api/session/oidc/callback';

const COOKIE = '__Host-quittance_oidc';
const HOME = '/admin';
const SIGN_IN_PAGE = '/admin/sign-in';

export interface OidcRoutesOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  addresses: Addresses;
  provider: Provider;
  settings: OidcSettings;
  signIn: SignIn;
  count: (result: string) => void;
}

/** Why somebody who was at the provider is not let in. The page of signing in has words for each. */
type OidcProblem =
  | 'oidc_state'
  | 'oidc_refused'
  | 'oidc_unavailable'
  | 'oidc_unverified'
  | 'oidc_no_role'
  | 'oidc_other_person'
  | 'operator_disabled';

/** Signing in by the OpenID provider: a browser's way there and back, so no operations of the API. */
export function oidcRoutes(app: Hono, options: OidcRoutesOptions): void {
  const { database, clock, provider, logger } = options;

  app.get('/api/session/oidc', async (context) => {
    const request = context.req.raw;
    const state = newSecret();
    const browser = browserSession(request, COOKIE) ?? newSecret();
    const now = clock.now();
    try {
      const url = await provider.authorizeUrl(sentWith(state, browser));
      await insertOidcState(database.sql, {
        stateHash: hashOf(state),
        browserHash: hashOf(browser),
        returnTo: ownPage(context.req.query('return_to')),
        now: new Date(now),
        expiresAt: new Date(now + AWAY_SECONDS * 1000),
      });
      return sendOn(url, { 'set-cookie': browserCookie(COOKIE, browser) });
    } catch (error) {
      return refuse(problemOf(error, logger));
    }
  });

  app.get(OIDC_CALLBACK, async (context) => {
    const request = context.req.raw;
    if (isOnlyLooking(request)) return new Response(null, { status: 204 });
    const query = new URL(request.url).searchParams;
    const state = query.get('state') ?? '';
    const browser = browserSession(request, COOKIE);
    if (browser === null || state === '') return refuse('oidc_state');
    const hashes = { stateHash: hashOf(state), browserHash: hashOf(browser) };
    const returnTo = await takeOidcState(database.sql, { ...hashes, now: new Date(clock.now()) });
    if (returnTo === null) return refuse('oidc_state');
    const cookie = await letIn(options, request, query, sentWith(state, browser));
    options.count('problem' in cookie ? cookie.problem : 'accepted');
    return 'problem' in cookie ? refuse(cookie.problem) : sendOn(returnTo, { 'set-cookie': cookie.cookie });
  });
}

async function letIn(
  options: OidcRoutesOptions,
  request: Request,
  query: URLSearchParams,
  sent: Sent,
): Promise<{ cookie: string } | { problem: OidcProblem }> {
  const { provider, settings, logger, signIn, addresses, database } = options;
  const address = addresses.of(request);
  const nobody: Caller = { kind: 'nobody', id: 'nobody', name: '', role: null, address };
  const decide = async (): Promise<Known | { problem: OidcProblem }> => {
    try {
      const found = identityOf(await provider.claims(query, sent), settings);
      return 'problem' in found ? found : await operatorFor(options, found.identity);
    } catch (error) {
      return { problem: problemOf(error, logger) };
    }
  };
  const decided = await decide();
  if ('problem' in decided) {
    // Of nobody whom the provider knows: anybody can bring that about, and a line stays for ever.
    if (UNKNOWN.has(decided.problem)) return decided;
    const line = { request: randomUUID(), caller: nobody, action: 'signInByOidc', target: '', detail: {} };
    await addAudit(database.sql, { ...line, outcome: decided.problem });
    return decided;
  }
  const { id, detail } = decided;
  const entered = await signIn.enter({ request, caller: nobody }, id, 'signInByOidc', { detail });
  return 'problem' in entered ? { problem: 'operator_disabled' } : entered;
}

interface Known {
  id: string;
  /** What their coming changed: `added`, or the role they had. */
  detail: Record<string, unknown>;
}

const UNKNOWN: ReadonlySet<OidcProblem> = new Set(['oidc_refused', 'oidc_unavailable']);

/** Who it is here: known by the provider's word, by their address, or new. Their role is the provider's. */
async function operatorFor(
  { database, clock }: OidcRoutesOptions,
  { email, role, issuer, subject }: Identity,
): Promise<Known | { problem: OidcProblem }> {
  const now = new Date(clock.now());
  return database.transaction(async (sql) => {
    const bySubject = await rows.operatorBySubject(sql, { issuer, subject });
    const added = bySubject
      ? null
      : await rows.insertOperator(sql, { id: newId('opr'), name: email, role, now });
    const known = bySubject ?? added ?? (await rows.operatorByName(sql, email));
    if (!known) return { problem: 'oidc_refused' };
    if (known.disabled_at !== null) return { problem: 'operator_disabled' };
    if (!bySubject && !(await rows.linkSubject(sql, known.id, { issuer, subject }))) {
      return { problem: 'oidc_other_person' };
    }
    const { id, role: before } = known;
    if (before === role) return { id, detail: added ? { added: true } : {} };
    await rows.setRole(sql, id, role);
    return { id, detail: { role_before: before } };
  });
}

/** Nonce and verifier follow from what only this browser and its way there know: neither is kept. */
function sentWith(state: string, browser: string): Sent {
  const from = (what: string): string =>
    createHmac('sha256', browser).update(`${what} ${state}`).digest('base64url');
  return { state, nonce: from('nonce'), verifier: from('verifier') };
}

/** A page of the console, and nothing else: where one is sent after signing in comes from a link. */
function ownPage(path: string | undefined): string {
  if (!path || !/^\/admin(?:[/?]|$)/.test(path) || /[\\\p{Cc}]/u.test(path)) return HOME;
  const { origin, pathname, search } = new URL(path, 'http://own');
  return origin === 'http://own' && /^\/admin(?:\/|$)/.test(pathname) ? `${pathname}${search}` : HOME;
}

function refuse(problem: OidcProblem): Response {
  return sendOn(`${SIGN_IN_PAGE}?problem=${problem}`);
}

function problemOf(error: unknown, logger: Logger): OidcProblem {
  if (!(error instanceof QuittanceError)) throw error;
  const { code, message } = error;
  if (code !== 'oidc_refused' && code !== 'oidc_unavailable') throw error;
  logger.warn({ code, why: message }, 'signing in by the OpenID provider failed');
  return code;
}
