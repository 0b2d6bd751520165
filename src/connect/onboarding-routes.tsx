import type { Hono } from 'hono';
import { pageResponse } from '../http/page.tsx';
import { closedBy } from './closed.ts';
import { sendOn } from '../http/notice.tsx';
import { closedAnswer, openFor, type DoorOptions } from './door.tsx';
import { mintAccountLink, startLink, wayBack } from './links.ts';
import { StandingView } from './pages.tsx';
import type { SellerRow } from './seller.ts';

/** The way to Stripe's onboarding pages and back. */
export function onboardingRoutes(app: Hono, options: DoorOptions): void {
  app.get('/connect/onboard/:seller', async (context) => {
    const request = context.req.raw;
    const id = context.req.param('seller');
    const opened = await openFor(options, request, { id, purpose: 'onboard', orApiKey: true });
    return 'answer' in opened ? opened.answer : toStripe(options, request, opened.seller);
  });

  // Stripe leads here when a link was too old or used already: a new one, as if nothing had happened.
  app.get('/connect/refresh', async (context) => {
    const request = context.req.raw;
    const id = context.req.query('seller') ?? '';
    const opened = await openFor(options, request, { id, purpose: 'refresh' });
    return 'answer' in opened ? opened.answer : toStripe(options, request, opened.seller);
  });

  // Coming back proves nothing: who left in the middle comes back here too.
  app.get('/connect/return', async (context) => {
    const id = context.req.query('seller') ?? '';
    const opened = await openFor(options, context.req.raw, { id, purpose: 'return' });
    return 'answer' in opened ? opened.answer : standingPage(options, opened.seller);
  });
}

async function toStripe(options: DoorOptions, request: Request, seller: SellerRow): Promise<Response> {
  if (seller.mode === 'oauth') return sendOn(startLink(options.settings, seller, options.clock).url);
  if (seller.status === 'disconnected') return closedAnswer(options, request, 'seller_disconnected');
  try {
    const complete = await options.complete(seller);
    if ('problem' in complete) return closedAnswer(options, request, 'no_account');
    return sendOn(await mintAccountLink(options, complete.value));
  } catch (error) {
    const why = closedBy(error, options.logger, { seller: seller.id });
    return closedAnswer(options, request, why);
  }
}

async function standingPage(options: DoorOptions, known: SellerRow): Promise<Response> {
  const { seller, stale } = await newest(options, known);
  const { settings, clock } = options;
  const goOn =
    seller.mode === 'oauth'
      ? startLink(settings, seller, clock).url
      : wayBack(settings, seller, clock).refresh_url;
  const children = (
    <div class="narrow">
      <StandingView seller={seller} goOn={goOn} stale={stale} />
    </div>
  );
  return pageResponse({ ...options.page, title: 'Your account', status: stale ? 502 : 200, children });
}

/** The seller as Stripe has it now; as we know it when Stripe can't be asked. */
export async function newest(
  { sync, logger }: Pick<DoorOptions, 'sync' | 'logger'>,
  known: SellerRow,
): Promise<{ seller: SellerRow; stale: boolean }> {
  if (known.account === null) return { seller: known, stale: false };
  try {
    return { seller: (await sync.refresh(known.id)) ?? known, stale: false };
  } catch (error) {
    closedBy(error, logger, { seller: known.id });
    return { seller: known, stale: true };
  }
}
