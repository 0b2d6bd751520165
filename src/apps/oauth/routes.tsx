import type { Hono } from 'hono';
import { refuseHttpInLiveMode } from '../../connect/links.ts';
import { isOnlyLooking, noticeAnswer, NoticePage, sendOn } from '../../http/notice.tsx';
import { pageResponse, type Page } from '../../http/page.tsx';
import { AWAY_SECONDS, browserCookie, browserSession, newSecret } from '../../http/sent-away.ts';
import type { Logger } from '../../log.ts';
import { oauthRefusal } from '../../stripe/oauth.ts';
import type { AppSettings } from '../settings.ts';
import { insertAppState, takeAppState } from '../state-rows.ts';
import { CLOSED, closedBy, type Closed } from './closed.ts';
import { installByCode, type InstallAccountOptions } from './install-account.ts';

const STRIPE = 'https://marketplace.stripe.com';
const COOKIE = '__Host-quittance_app';
const CODE = /^[\w-]{1,255}$/;

export interface InstallRoutesOptions extends InstallAccountOptions {
  settings: {
    publicUrl: string;
    stripeAppClientId?: string | undefined;
    stripeApiBase?: string | undefined;
    app: Pick<AppSettings, 'access' | 'installedUrl'>;
  };
  logger: Logger;
  page: Pick<Page, 'shopName' | 'sources'>;
}

/** Installs by OAuth: to Stripe's page, where somebody lets the app in, and back with its answer. */
export function installRoutes(app: Hono, options: InstallRoutesOptions): void {
  const {
    stripeAppClientId: clientId,
    app: { access },
  } = options.settings;
  const isOn = access === 'oauth' && clientId !== undefined;

  app.get('/apps/install', (context) => {
    const request = context.req.raw;
    if (!isOn) return refusal(options, request, 'oauth_off');
    if (isOnlyLooking(request)) return new Response(null, { status: 204 });
    return toStripe(options, request, clientId);
  });

  app.get('/apps/oauth', async (context) => {
    const request = context.req.raw;
    if (!isOn) return refusal(options, request, 'oauth_off');
    if (isOnlyLooking(request)) return new Response(null, { status: 204 });
    const query = new URL(request.url).searchParams;
    // First of all, and before a word of the address is shown: is it an answer to what this browser asked?
    const isExpected = await takeState(options, request, query.get('state') ?? '');
    return isExpected ? back(options, request, query) : refusal(options, request, 'state_refused');
  });

  app.get('/apps/installed', () =>
    pageResponse({ ...options.page, title: INSTALLED, children: <Installed /> }),
  );
}

async function toStripe(
  options: InstallRoutesOptions,
  request: Request,
  clientId: string,
): Promise<Response> {
  const { settings, database, clock, logger, livemode } = options;
  try {
    refuseHttpInLiveMode(settings, livemode);
  } catch (error) {
    return refusal(options, request, closedBy(error, logger));
  }
  const state = newSecret();
  const session = browserSession(request, COOKIE) ?? newSecret();
  const now = clock.now();
  const expiresAt = new Date(now + AWAY_SECONDS * 1000);
  const away = { state, session, purpose: 'install', now: new Date(now) } as const;
  await insertAppState(database.sql, away, {}, expiresAt);
  const url = new URL(`${settings.stripeApiBase ?? STRIPE}/oauth/v2/authorize`);
  url.searchParams.set('client_id', clientId);
  // It has to be one of `allowed_redirect_uris` in the app's manifest.
  url.searchParams.set('redirect_uri', `${settings.publicUrl}/apps/oauth`);
  url.searchParams.set('state', state);
  return sendOn(url.toString(), { 'set-cookie': browserCookie(COOKIE, session) });
}

async function takeState(options: InstallRoutesOptions, request: Request, state: string): Promise<boolean> {
  const session = browserSession(request, COOKIE);
  if (session === null || state === '') return false;
  const now = new Date(options.clock.now());
  const taken = await takeAppState(options.database.sql, { state, session, purpose: 'install', now });
  return taken !== null;
}

async function back(
  options: InstallRoutesOptions,
  request: Request,
  query: URLSearchParams,
): Promise<Response> {
  const { settings, logger } = options;
  if (query.has('error')) return refusal(options, request, 'consent_refused', oauthRefusal(query));
  const code = query.get('code') ?? '';
  if (!CODE.test(code)) return refusal(options, request, 'code_refused');
  try {
    const done = await installByCode(options, code);
    if ('closed' in done) return refusal(options, request, done.closed);
    const { id, account } = done.install;
    logger.info({ install: id, account }, 'the app was installed by OAuth');
    // On to an address that can be loaded again; this one's state is used up.
    return sendOn(settings.app.installedUrl ?? `${settings.publicUrl}/apps/installed`);
  } catch (error) {
    return refusal(options, request, closedBy(error, logger));
  }
}

// Each way on is the beginning: the state is used up, and the code as good as.
function refusal(options: InstallRoutesOptions, request: Request, closed: Closed, text?: string): Response {
  const { page, settings } = options;
  const telling = text === undefined ? CLOSED[closed] : { ...CLOSED[closed], text };
  const begins = closed !== 'oauth_off' && telling.status !== NOT_SET_UP;
  const way = { href: `${settings.publicUrl}/apps/install`, label: 'Begin again' };
  return noticeAnswer(page, request, closed, telling, begins ? way : undefined);
}

const NOT_SET_UP = 503;
const INSTALLED = 'The app is installed';

function Installed() {
  return <NoticePage title={INSTALLED} text="You can close this page and go on in your Stripe Dashboard." />;
}
