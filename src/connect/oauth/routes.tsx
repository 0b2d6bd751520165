import type { Hono } from 'hono';
import { oauthRefusal } from '../../stripe/oauth.ts';
import type { Closed } from '../closed.ts';
import { closedBy } from '../closed.ts';
import { isOnlyLooking, sendOn } from '../../http/notice.tsx';
import { AWAY_SECONDS, browserCookie, browserSession, hashOf, newSecret } from '../../http/sent-away.ts';
import { closedAnswer, openFor, type DoorOptions } from '../door.tsx';
import { refuseHttpInLiveMode, startLink, wayBack } from '../links.ts';
import { sellerById } from '../rows.ts';
import type { SellerRow } from '../seller.ts';
import { authorizeUrl } from './authorize-url.ts';
import { connectByCode } from './connect-account.ts';
import { insertState, takeState } from './state-rows.ts';

const COOKIE = '__Host-quittance_oauth';
const CODE = /^[\w-]{1,255}$/;

/** Sellers who bring a Stripe account: to Stripe's page that asks them, and back with its answer. */
export function oauthRoutes(app: Hono, options: DoorOptions): void {
  const clientId = options.settings.stripeConnectClientId;
  if (clientId === undefined) {
    const off = (request: Request) => closedAnswer(options, request, 'oauth_off');
    app.get('/connect/oauth/authorize', (context) => off(context.req.raw));
    app.get('/connect/oauth', (context) => off(context.req.raw));
    return;
  }

  app.get('/connect/oauth/authorize', async (context) => {
    const request = context.req.raw;
    const id = context.req.query('seller') ?? '';
    const opened = await openFor(options, request, { id, purpose: 'authorize' });
    if ('answer' in opened) return opened.answer;
    const { seller } = opened;
    if (isConnected(seller)) return sendOn(wayBack(options.settings, seller, options.clock).return_url);
    return toStripe(options, request, seller, clientId);
  });

  app.get('/connect/oauth', async (context) => {
    const request = context.req.raw;
    if (isOnlyLooking(request)) return new Response(null, { status: 204 });
    const query = new URL(request.url).searchParams;
    // First of all, and before a word of the address is shown: is it an answer to what this browser asked?
    const seller = await expected(options, request, query.get('state') ?? '');
    if (!seller) return closedAnswer(options, request, 'state_refused');
    return back(options, request, seller, query);
  });
}

async function toStripe(
  options: DoorOptions,
  request: Request,
  seller: SellerRow,
  stripeConnectClientId: string,
): Promise<Response> {
  const { settings, database, clock } = options;
  try {
    refuseHttpInLiveMode(settings, seller.livemode);
  } catch (error) {
    return closedAnswer(options, request, closedBy(error, options.logger, { seller: seller.id }));
  }
  const state = newSecret();
  const session = browserSession(request, COOKIE) ?? newSecret();
  const now = clock.now();
  await insertState(database.sql, {
    stateHash: hashOf(state),
    sessionHash: hashOf(session),
    seller: seller.id,
    now: new Date(now),
    expiresAt: new Date(now + AWAY_SECONDS * 1000),
  });
  const url = authorizeUrl({ ...settings, stripeConnectClientId }, seller, state);
  return sendOn(url, { 'set-cookie': browserCookie(COOKIE, session) });
}

async function expected(options: DoorOptions, request: Request, state: string): Promise<SellerRow | null> {
  const session = browserSession(request, COOKIE);
  if (session === null || state === '') return null;
  const { sql } = options.database;
  const now = new Date(options.clock.now());
  const id = await takeState(sql, { stateHash: hashOf(state), sessionHash: hashOf(session), now });
  return id === null ? null : sellerById(sql, id);
}

async function back(
  options: DoorOptions,
  request: Request,
  seller: SellerRow,
  query: URLSearchParams,
): Promise<Response> {
  const { settings, clock, logger } = options;
  const refuse = (closed: Closed, text?: string) => {
    const way = { href: startLink(settings, seller, clock).url, label: 'Begin again' };
    return closedAnswer(options, request, closed, { way, ...(text ? { text } : {}) });
  };
  if (seller.livemode !== options.livemode) return refuse('other_mode');
  if (query.has('error')) return refuse('consent_refused', oauthRefusal(query));
  const code = query.get('code') ?? '';
  if (!CODE.test(code)) return refuse('code_refused');
  // Another tab was faster: how it stands is the answer, and the code ends unused.
  if (isConnected(seller)) return sendOn(wayBack(settings, seller, clock).return_url);
  try {
    const done = await connectByCode(options, seller, code);
    if ('closed' in done) return refuse(done.closed);
    logger.info({ seller: seller.id, account: done.seller.account }, 'a seller connected by OAuth');
    // On to an address that can be loaded again; this one's state is used up.
    return sendOn(wayBack(settings, seller, clock).return_url);
  } catch (error) {
    return refuse(closedBy(error, logger, { seller: seller.id }));
  }
}

function isConnected({ account, status }: SellerRow): boolean {
  return account !== null && status !== 'disconnected';
}
