import type { Database } from '../db/database.ts';
import type { Clock } from '../clock.ts';
import { refuseWithoutApiKey } from '../http/api-key.ts';
import { noticeAnswer, type Way } from '../http/notice.tsx';
import type { Page } from '../http/page.tsx';
import { problemResponse } from '../http/problem.ts';
import type { Logger } from '../log.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { CLOSED, type Closed } from './closed.ts';
import type { Reading } from './request.ts';
import { sellerById } from './rows.ts';
import type { SellerRow } from './seller.ts';
import type { SellerSync } from './sync.ts';
import { checkToken, type TokenPurpose } from './token.ts';

/** What the pages of sellers and staff stand on. */
export interface DoorOptions {
  settings: {
    publicUrl: string;
    secret: string;
    apiKey?: string | undefined;
    stripeConnectClientId?: string | undefined;
    stripeApiBase?: string | undefined;
  };
  /** The mode of our key. */
  livemode: boolean;
  database: Database;
  clients: StripeClients;
  clock: Clock;
  logger: Logger;
  /** The shop's name and what its pages may load. */
  page: Pick<Page, 'shopName' | 'sources'>;
  /** Brings sellers to what Stripe says of their accounts. */
  sync: Pick<SellerSync, 'refresh' | 'read' | 'connect' | 'disconnect'>;
  /** Gives a seller the account it still lacks. */
  complete: (seller: SellerRow) => Promise<Reading<SellerRow>>;
}

/** A seller somebody may do something with, or the answer to who may not. */
export type Opened = { seller: SellerRow } | { answer: Response };

/** Lets through who has a token of this purpose for this seller, or (where said) the API key. */
export async function openFor(
  options: DoorOptions,
  request: Request,
  { id, purpose, orApiKey = false }: { id: string; purpose: TokenPurpose; orApiKey?: boolean },
): Promise<Opened> {
  const refuse = (closed: Closed) => ({ answer: closedAnswer(options, request, closed) });
  const { settings, clock } = options;
  const isApi = orApiKey && request.headers.has('authorization');
  if (isApi) {
    const refused = refuseWithoutApiKey(request, settings.apiKey);
    if (refused) return { answer: problemResponse(refused) };
  } else {
    const token = new URL(request.url).searchParams.get('token') ?? undefined;
    const verdict = checkToken(settings.secret, { purpose, subject: id }, token, clock);
    if (verdict !== 'good') return refuse(verdict === 'expired' ? 'link_expired' : 'link_forged');
  }
  const seller = await sellerById(options.database.sql, id);
  if (!seller) return refuse('seller_not_found');
  return seller.livemode === options.livemode ? { seller } : refuse('other_mode');
}

/** Why not and what to do: a page to a browser, a problem to a program. */
export function closedAnswer(
  options: Pick<DoorOptions, 'page'>,
  request: Request,
  closed: Closed,
  more: { text?: string; way?: Way } = {},
): Response {
  const telling = more.text === undefined ? CLOSED[closed] : { ...CLOSED[closed], text: more.text };
  return noticeAnswer(options.page, request, closed, telling, more.way);
}
