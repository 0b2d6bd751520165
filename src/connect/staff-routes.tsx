import type { Context, Hono } from 'hono';
import { readForm } from '../http/body.ts';
import { pageResponse } from '../http/page.tsx';
import { closedBy, CLOSED } from './closed.ts';
import { disconnectSeller } from './disconnect.ts';
import { isOnlyLooking, sendOn } from '../http/notice.tsx';
import { closedAnswer, type DoorOptions } from './door.tsx';
import { startLink } from './links.ts';
import { readMoney } from './money-view.tsx';
import { listSellers, sellerById } from './rows.ts';
import { SELLER_STATUSES, type SellerRow } from './seller.ts';
import { Sessions, type Session } from './session.ts';
import { StaffListPage, StaffSellerPage, type StaffSellerPageParts } from './staff-pages.tsx';
import { spendToken } from './token-rows.ts';
import { checkToken, TOKEN_SECONDS } from './token.ts';

const SELLERS_PER_PAGE = 50;

type Notice = Pick<StaffSellerPageParts, 'notice' | 'link'>;
type Action = (options: DoorOptions, seller: SellerRow, form: URLSearchParams) => Promise<Notice | Done>;
/** Words of ours that travel in an address after an action. */
type Done = keyof typeof DONE;

const DONE = {
  refreshed: 'Stripe was asked; this is how it stands now.',
  disconnected: 'The seller is disconnected.',
} as const;

/** The pages of the platform's staff, behind a session that a link of one use begins. */
export function staffRoutes(app: Hono, options: DoorOptions): void {
  const sessions = new Sessions('staff_session', { ...options.settings, ...options });
  const inSession =
    (work: (context: Context, session: Session) => Response | Promise<Response>) =>
    async (context: Context): Promise<Response> => {
      const session = await sessions.read(context.req.raw);
      return session
        ? work(context, session)
        : closedAnswer(options, context.req.raw, 'not_signed_in', { text: HOW_TO_SIGN_IN });
    };
  // A page of another site can neither read the token nor send this cookie along with a POST.
  const onOwnForm = (
    work: (context: Context, session: Session, form: URLSearchParams) => Promise<Response>,
  ) =>
    inSession(async (context, session) => {
      const form = await readForm(context.req.raw);
      if (sessions.isOwnForm(context.req.raw, session, form)) return work(context, session, form);
      return closedAnswer(options, context.req.raw, 'form_refused');
    });

  app.get('/connect/staff/enter', (context) => enter(options, sessions, context.req.raw));
  app.get(
    '/connect/staff',
    inSession((context, session) => listPage(options, context, sessions.formToken(session))),
  );
  app.get(
    '/connect/staff/sellers/:id',
    inSession(async (context, session) => {
      const said = context.req.query('done') ?? '';
      const text = Object.hasOwn(DONE, said) ? DONE[said as Done] : null;
      const notice = text === null ? null : ({ look: 'good', text } as const);
      return sellerPage(options, context, sessions.formToken(session), { notice, link: null });
    }),
  );
  app.post(
    '/connect/staff/sign-out',
    onOwnForm(async (context, session) => {
      const gone = closedAnswer(options, context.req.raw, 'not_signed_in', { text: HOW_TO_SIGN_IN });
      gone.headers.set('set-cookie', await sessions.end(session));
      return gone;
    }),
  );
  for (const [name, act] of Object.entries(ACTIONS)) {
    app.post(
      `/connect/staff/sellers/:id/${name}`,
      onOwnForm(async (context, session, form) => {
        const seller = await sellerOfMode(options, context.req.param('id') ?? '');
        if (!seller) return closedAnswer(options, context.req.raw, 'seller_not_found');
        options.logger.info({ seller: seller.id, action: name, session: session.id }, 'staff');
        const done = await act(options, seller, form);
        if (typeof done === 'string') return sendOn(`/connect/staff/sellers/${seller.id}?done=${done}`);
        return sellerPage(options, context, sessions.formToken(session), done);
      }),
    );
  }
}

const HOW_TO_SIGN_IN =
  'Staff come in by a link that is good once, for five minutes: ' +
  'POST /api/connect/staff-links with the API key.';

// One use: a link that stays behind in a history or a chat opens nothing.
async function enter(options: DoorOptions, sessions: Sessions, request: Request): Promise<Response> {
  if (isOnlyLooking(request)) return new Response(null, { status: 204 });
  const { settings, clock, database } = options;
  const query = new URL(request.url).searchParams;
  const token = query.get('token') ?? '';
  const target = { purpose: 'staff', subject: query.get('id') ?? '' } as const;
  const verdict = checkToken(settings, target, token, clock);
  if (verdict === 'forged') return closedAnswer(options, request, 'link_forged');
  if (verdict === 'expired') return closedAnswer(options, request, 'link_expired', { text: HOW_TO_SIGN_IN });
  const now = clock.now();
  const end = new Date(now + TOKEN_SECONDS.staff * 1000);
  const isFirst = await spendToken(database.sql, token, end, new Date(now));
  if (!isFirst) return closedAnswer(options, request, 'link_used');
  return sendOn('/connect/staff', { 'set-cookie': sessions.begin('staff') });
}

async function listPage(options: DoorOptions, { req }: Context, formToken: string): Promise<Response> {
  const asked = req.query('status');
  const status = SELLER_STATUSES.find((each) => each === asked) ?? null;
  const { livemode, database, page } = options;
  const after = req.query('after') ?? null;
  const limit = SELLERS_PER_PAGE + 1;
  const found = await listSellers(database.sql, { livemode, status, after, limit });
  const sellers = found.slice(0, SELLERS_PER_PAGE);
  const next = found.length > SELLERS_PER_PAGE ? (sellers.at(-1)?.id ?? null) : null;
  const children = <StaffListPage sellers={sellers} status={status} next={next} formToken={formToken} />;
  return pageResponse({ ...page, title: 'Sellers', children });
}

async function sellerPage(
  options: DoorOptions,
  { req }: Context,
  formToken: string,
  notice: Notice,
): Promise<Response> {
  const seller = await sellerOfMode(options, req.param('id') ?? '');
  if (!seller) return closedAnswer(options, req.raw, 'seller_not_found');
  const money = await readMoney(options, seller);
  const children = <StaffSellerPage seller={seller} money={money} formToken={formToken} {...notice} />;
  return pageResponse({ ...options.page, title: seller.reference, children });
}

async function sellerOfMode({ database, livemode }: DoorOptions, id: string): Promise<SellerRow | null> {
  const seller = await sellerById(database.sql, id);
  return seller?.livemode === livemode ? seller : null;
}

/** What staff may do with a seller. */
const ACTIONS: Record<string, Action> = {
  // A link of ours, to hand over: Stripe's own is made when the seller follows it.
  link: async ({ settings, clock }, seller) => ({
    notice: null,
    link: startLink(settings, seller, clock).url,
  }),
  refresh: async ({ sync, logger }, { id }) => {
    try {
      await sync.refresh(id);
      return 'refreshed';
    } catch (error) {
      const { title } = CLOSED[closedBy(error, logger, { seller: id })];
      return { notice: { look: 'bad', text: `${title}. This is what we knew before.` }, link: null };
    }
  },
  disconnect: async (options, seller, form) => {
    const sure = form.get('sure') === 'yes';
    if (!sure) return { notice: { look: 'bad', text: 'Tick the box to say that you are sure.' }, link: null };
    const done = await disconnectSeller(options, seller, { close: true });
    if ('value' in done) return 'disconnected';
    return { notice: { look: 'bad', text: done.problem.detail }, link: null };
  },
};
