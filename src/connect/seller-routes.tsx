import type { Hono } from 'hono';
import { readForm } from '../http/body.ts';
import { pageResponse } from '../http/page.tsx';
import { makeLoginLink } from '../payouts/login-link.ts';
import { dashboardOf } from '../payouts/account.ts';
import { sendOn } from '../http/notice.tsx';
import { closedAnswer, openFor, type DoorOptions, type Opened } from './door.tsx';
import { startLink } from './links.ts';
import { MoneyView, readMoney } from './money-view.tsx';
import { newest } from './onboarding-routes.tsx';
import { StandingView } from './pages.tsx';
import { sellerById } from './rows.ts';
import type { SellerRow } from './seller.ts';
import { FORM_TOKEN, Sessions, type Session } from './session.ts';

/** The seller's own page, behind a session that a signed link begins. */
export function sellerPageRoutes(app: Hono, options: DoorOptions): void {
  const sessions = new Sessions('seller_session', { ...options.settings, ...options });

  app.get('/connect/seller/:id', async (context) => {
    const request = context.req.raw;
    const id = context.req.param('id');
    if (context.req.query('token') !== undefined) {
      const opened = await openFor(options, request, { id, purpose: 'seller' });
      if ('answer' in opened) return opened.answer;
      return sendOn(`/connect/seller/${id}`, { 'set-cookie': sessions.begin(id) });
    }
    const signedIn = await inSession(options, sessions, request, id);
    return 'answer' in signedIn ? signedIn.answer : sellerPage(options, sessions, signedIn);
  });

  app.get('/connect/seller/:id/dashboard', async (context) => {
    const request = context.req.raw;
    const signedIn = await inSession(options, sessions, request, context.req.param('id'));
    if ('answer' in signedIn) return signedIn.answer;
    return toDashboard(options, request, signedIn.seller);
  });

  app.post('/connect/seller/:id/sign-out', async (context) => {
    const request = context.req.raw;
    const signedIn = await inSession(options, sessions, request, context.req.param('id'));
    if ('answer' in signedIn) return signedIn.answer;
    const { session } = signedIn;
    if (!sessions.isOwnForm(request, session, await readForm(request))) {
      return closedAnswer(options, request, 'form_refused');
    }
    const gone = closedAnswer(options, request, 'not_signed_in');
    gone.headers.set('set-cookie', await sessions.end(session));
    return gone;
  });
}

type SignedIn = { seller: SellerRow; session: Session } | Extract<Opened, { answer: Response }>;

// A session is of one seller, and the address names one: they have to be the same.
async function inSession(
  options: DoorOptions,
  sessions: Sessions,
  request: Request,
  id: string,
): Promise<SignedIn> {
  const session = await sessions.read(request);
  const seller = session?.subject === id ? await sellerById(options.database.sql, id) : null;
  if (!session || !seller) return { answer: closedAnswer(options, request, 'not_signed_in') };
  if (seller.livemode === options.livemode) return { seller, session };
  return { answer: closedAnswer(options, request, 'other_mode') };
}

async function sellerPage(
  options: DoorOptions,
  sessions: Sessions,
  { seller: known, session }: { seller: SellerRow; session: Session },
): Promise<Response> {
  const { seller, stale } = await newest(options, known);
  // Whoever does not answer would be waited for once more.
  const money = stale ? null : await readMoney(options, seller);
  const goOn = startLink(options.settings, seller, options.clock).url;
  const hasDashboard = money !== null && dashboardOf(seller) === 'express' && seller.details_submitted;
  const children = (
    <>
      <p class="soft">{seller.name ?? seller.email ?? seller.reference}</p>
      <StandingView seller={seller} goOn={goOn} stale={stale} />
      {money && <MoneyView money={money} />}
      <div class="actions">
        {hasDashboard && (
          <a class="button" href={`/connect/seller/${seller.id}/dashboard`} rel="nofollow">
            Open your Stripe dashboard
          </a>
        )}
        <form method="post" action={`/connect/seller/${seller.id}/sign-out`}>
          <input type="hidden" name={FORM_TOKEN} value={sessions.formToken(session)} />
          <button class="quiet" type="submit">
            Sign out
          </button>
        </form>
      </div>
    </>
  );
  return pageResponse({ ...options.page, title: 'Your account', status: stale ? 502 : 200, children });
}

// The address lets whoever has it in, so it is made on demand and handed over, and shown to nobody.
async function toDashboard(options: DoorOptions, request: Request, seller: SellerRow): Promise<Response> {
  const { account } = seller;
  if (account === null) return closedAnswer(options, request, 'no_account');
  if (seller.status === 'disconnected') return closedAnswer(options, request, 'seller_disconnected');
  const { clients } = options;
  const made = await makeLoginLink(clients.own(), { seller, account, stripe: clients.for(account) });
  if ('value' in made) return sendOn(made.value.url);
  const closed = made.problem.status === 502 ? 'stripe_unavailable' : 'stripe_rejected';
  return closedAnswer(options, request, closed, { text: made.problem.detail });
}
