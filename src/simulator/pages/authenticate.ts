import type Stripe from 'stripe';
import { formatMoney } from '../../money.ts';
import { followIntent } from '../checkout/pay.ts';
import { finishAction } from '../payments/confirm.ts';
import { finishSetup } from '../payments/setup.ts';
import { Realm } from '../realm.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import { html } from './html.ts';
import { notice, page, redirect } from './layout.ts';

type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;

/**
 * The bank's 3-D Secure page of test mode, as a page of its own or in Stripe.js's dialog: two buttons
 * decide. They are named as Stripe's are, so that browser tests which press those work here too.
 */
export function authenticatePage({ engine }: SiteParts, request: WebRequest): WebAnswer {
  const id = decodeURIComponent(request.path.split('/').at(-1) ?? '');
  const query = new URLSearchParams(request.query);
  const row = engine.store.find('payment_intent', id) ?? engine.store.find('setup_intent', id);
  const intent = row?.object as Intent | undefined;
  if (!row || !intent || intent.client_secret !== query.get('client_secret'))
    return notice('Nothing to authenticate', 'This payment does not exist, or not any more.', undefined, 404);
  const frame = query.get('frame');
  const returnUrl = intent.next_action?.redirect_to_url?.return_url ?? null;
  if (intent.status !== 'requires_action') return answered(intent, returnUrl, frame);
  if (request.method !== 'POST') return ask(intent, frame);
  const success = new URLSearchParams(request.body).get('outcome') === 'complete';
  const realm = new Realm(engine, row, null);
  const after = engine.store.transaction(() => decide(realm, intent, success));
  return answered(after, returnUrl, frame);
}

function decide(realm: Realm, intent: Intent, success: boolean): Intent {
  const { intent: after } =
    intent.object === 'payment_intent'
      ? finishAction(realm, intent, success)
      : finishSetup(realm, intent, success);
  followIntent(realm, after);
  return after;
}

function ask(intent: Intent, frame: string | null): WebAnswer {
  const amount =
    intent.object === 'payment_intent'
      ? `A payment of ${formatMoney({ value: intent.amount, currency: intent.currency })}`
      : 'Saving your card';
  const body = html`<main class="notice bank">
    <p class="badge">3-D Secure test page</p>
    <h1>Your bank asks: is it you?</h1>
    <p>${amount} needs your approval. Choose what your bank is to answer.</p>
    <form method="post">
      <button class="button" type="submit" name="outcome" value="complete" id="test-source-authorize-3ds">
        Complete
      </button>
      <button class="button quiet" type="submit" name="outcome" value="fail" id="test-source-fail-3ds">
        Fail
      </button>
    </form>
  </main>`;
  return page({ title: '3-D Secure', body, framed: frame !== null });
}

/**
 * In Stripe.js's dialog (`frame=dialog`) the page around it goes on; everywhere else the browser goes back.
 */
function answered(intent: Intent, returnUrl: string | null, frame: string | null): WebAnswer {
  const dialog = frame === 'dialog';
  if (!dialog && returnUrl !== null) return redirect(wayBack(intent, returnUrl));
  const body = html`<main class="notice bank" data-authenticated="${intent.id}">
    <h1>Thank you</h1>
    <p>Your bank has answered. You can go back to the shop.</p>
  </main>`;
  return page({ title: '3-D Secure', body, scripts: dialog ? ['authenticated.js'] : [], framed: dialog });
}

/** Stripe adds to the address which payment it was and how it went; the receiver must not believe it. */
function wayBack(intent: Intent, returnUrl: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '');
  const failed = intent.status === 'requires_payment_method' || intent.status === 'canceled';
  url.searchParams.set('redirect_status', failed ? 'failed' : 'succeeded');
  return url.toString();
}
