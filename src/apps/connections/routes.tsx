import type { Hono } from 'hono';
import type { Database } from '../../db/database.ts';
import { QuittanceError } from '../../errors.ts';
import { isOnlyLooking, noticeAnswer, NoticePage, sendOn } from '../../http/notice.tsx';
import { pageResponse, type Page } from '../../http/page.tsx';
import { AWAY_SECONDS, browserCookie, browserSession, newSecret } from '../../http/sent-away.ts';
import type { RaiseAlarm } from '../../inbox/alarms.ts';
import type { Install } from '../install.ts';
import { insertAppState, takeAppState } from '../state-rows.ts';
import { beginLink, type ConnectionsOptions, type KnownConnection } from './connections.ts';
import type { GrantFailure } from './failures.ts';
import { REFUSALS, type Refusal } from './refusals.ts';
import { readTicket, verifierOf } from './ticket.ts';

const COOKIE = '__Host-quittance_connection';
const STATE = /^[\w-]{43}$/;

export interface ConnectionRoutesOptions extends ConnectionsOptions {
  database: Database;
  alarm: RaiseAlarm;
  /** The install of an id of ours, as it is now. */
  install: (id: string) => Promise<Install | null>;
  page: Pick<Page, 'shopName' | 'sources'>;
}

/** An install that a user may connect, or the answer to who may not. */
type Opened = { install: Install; connection: KnownConnection } | { answer: Response };

/** Users who connect an install to another service: to the service's page, and back with its answer. */
export function connectionRoutes(app: Hono, options: ConnectionRoutesOptions): void {
  app.get('/apps/connections/callback', async (context) => {
    const request = context.req.raw;
    if (isOnlyLooking(request)) return new Response(null, { status: 204 });
    const query = new URL(request.url).searchParams;
    // First of all, and before a word of the address is shown: is it an answer to what this browser asked?
    const subject = await expected(options, request, query.get('state') ?? '');
    if (!subject) return refuse(options, request, 'state_refused');
    const opened = await open(options, request, subject);
    return 'answer' in opened ? opened.answer : back(options, request, opened, query);
  });

  app.get('/apps/connections/:name/begin', async (context) => {
    const request = context.req.raw;
    if (isOnlyLooking(request)) return new Response(null, { status: 204 });
    const connection = context.req.param('name');
    const ticket = context.req.query('ticket') ?? '';
    const read = readTicket(options.secret, connection, ticket, options.clock);
    if (read === 'forged' || read === 'expired') return refuse(options, request, `link_${read}`);
    const opened = await open(options, request, { install: read.install, connection });
    return 'answer' in opened ? opened.answer : sendAway(options, request, opened);
  });
}

async function open(
  options: ConnectionRoutesOptions,
  request: Request,
  subject: { install?: string; connection?: string },
): Promise<Opened> {
  const connection = options.known.get(subject.connection ?? '');
  if (!connection) return { answer: refuse(options, request, 'connection_unknown') };
  const install = await options.install(subject.install ?? '');
  if (install?.status !== 'installed') return { answer: refuse(options, request, 'not_installed') };
  return { install, connection };
}

async function sendAway(
  options: ConnectionRoutesOptions,
  request: Request,
  { install, connection }: Exclude<Opened, { answer: Response }>,
): Promise<Response> {
  const { database, secret, clock } = options;
  const state = newSecret();
  const session = browserSession(request, COOKIE) ?? newSecret();
  const away = await connection.service.authorizeUrl(state, verifierOf(secret, state)).catch(notConfigured);
  if (away === 'connection_not_configured') return refuse(options, request, away);
  if ('failure' in away) return refuse(options, request, away.failure.kind);
  const now = clock.now();
  const expires = new Date(now + AWAY_SECONDS * 1000);
  const asked = { state, session, purpose: 'connection', now: new Date(now) } as const;
  const subject = { install: install.id, connection: connection.name };
  await insertAppState(database.sql, asked, subject, expires);
  return sendOn(away.url, { 'set-cookie': browserCookie(COOKIE, session) });
}

async function expected(
  { database, clock }: ConnectionRoutesOptions,
  request: Request,
  state: string,
): Promise<Record<string, string> | null> {
  const session = browserSession(request, COOKIE);
  if (session === null || !STATE.test(state)) return null;
  const now = new Date(clock.now());
  return takeAppState(database.sql, { state, session, purpose: 'connection', now });
}

async function back(
  options: ConnectionRoutesOptions,
  request: Request,
  { install, connection }: Exclude<Opened, { answer: Response }>,
  query: URLSearchParams,
): Promise<Response> {
  const { keeper, logger, secret, page } = options;
  const { name, service } = connection;
  const subject = { install: install.id, connection: name };
  const state = query.get('state') ?? '';
  const granted = await service.exchange(query, state, verifierOf(secret, state)).catch(notConfigured);
  if (granted === 'connection_not_configured') return refuse(options, request, granted);
  if ('failure' in granted) return refuseGrant(options, request, subject, granted.failure);
  try {
    await keeper.keep({ owner: install.id, kind: 'connection', name }, granted.tokens);
  } catch (error) {
    if (isOf(error, 'not_installed')) return refuse(options, request, 'not_installed');
    throw error;
  }
  logger.info(subject, 'an install was connected to another service');
  const title = 'Connected';
  const text = `The Stripe account ${install.account} is connected to ${name}. You can close this window.`;
  return pageResponse({ ...page, title, children: <NoticePage title={title} text={text} /> });
}

function refuseGrant(
  options: ConnectionRoutesOptions,
  request: Request,
  subject: { install: string; connection: string },
  { kind, words }: GrantFailure,
): Response {
  const { alarm, logger } = options;
  logger.warn({ ...subject, kind, why: words }, 'an install was not connected to another service');
  if (kind === 'client_refused') {
    alarm('connection_client_refused', subject.connection, `Check the client's id and secret: ${words}`);
  }
  const way = { href: beginLink(options, subject).url, label: 'Begin again' };
  const text = kind === 'consent_refused' ? `The service says: ${words}` : REFUSALS[kind].text;
  return noticeAnswer(options.page, request, kind, { ...REFUSALS[kind], text }, way);
}

function refuse({ page }: ConnectionRoutesOptions, request: Request, refusal: Refusal): Response {
  return noticeAnswer(page, request, refusal, REFUSALS[refusal]);
}

function notConfigured(error: unknown): 'connection_not_configured' {
  if (isOf(error, 'connection_not_configured')) return 'connection_not_configured';
  throw error;
}

function isOf(error: unknown, code: string): boolean {
  return error instanceof QuittanceError && error.code === code;
}
