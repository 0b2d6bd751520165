import { authorizePage } from './connect/oauth/page.ts';
import { asOAuth, fromOAuthClient } from './connect/oauth/wire.ts';
import { onboardingPage } from './connect/onboarding/page.ts';
import { expressPage } from './connect/sessions.ts';
import { handleControl } from './control/control.ts';
import { controlPage } from './control/pages/site.ts';
import { RequestLog } from './control/request-log.ts';
import type { Deliveries } from './events/deliveries.ts';
import { fromUpload } from './files/multipart.ts';
import { fileContents, linkedFile } from './files/serve.ts';
import { Assets } from './pages/assets.ts';
import { authenticatePage } from './pages/authenticate.ts';
import { checkoutPage } from './pages/checkout.ts';
import { elementFrame } from './pages/element-frame.ts';
import { invoicePage } from './pages/invoice.ts';
import { notice, redirect } from './pages/layout.ts';
import { paymentLinkPage } from './pages/payment-link.ts';
import { portalPage } from './pages/portal.ts';
import { receiptPage } from './pages/receipt.ts';
import type { Engine } from './realm.ts';
import type { Api, ApiAnswer } from './server/api.ts';
import type { Handler, WebAnswer, WebRequest } from './server/http.ts';
import { logEntry } from './stripecli/logs.ts';
import type { Timekeeper } from './time/timekeeper.ts';

/** The parts that answer HTTP. */
export interface SiteParts {
  engine: Engine;
  api: Api;
  deliveries: Deliveries;
  timekeeper: Timekeeper;
  redirectWaitMs: number;
  log: (line: string) => void;
}

interface Place {
  path: RegExp;
  answer: (request: WebRequest) => WebAnswer | null | Promise<WebAnswer | null>;
}

/** What a page in a browser may send and read; Stripe's API allows every origin. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, stripe-account, stripe-version',
  'access-control-expose-headers': 'request-id, stripe-version, idempotent-replayed',
  'access-control-max-age': '300',
};

const TO_CONTROL = { href: '/_sim', label: 'To its control page' };

/** Everything the simulator serves; the first place whose path fits answers. */
export function makeSite(parts: SiteParts): Handler {
  const requests = new RequestLog(parts.engine.clock);
  const assets = new Assets();
  const places: readonly Place[] = [
    { path: /^\/setup\/(visit|[ecs]\/[^/]+)\/[^/]+$/, answer: (request) => onboardingPage(parts, request) },
    { path: /^\/(express\/)?oauth\/(v2\/)?authorize$/, answer: (request) => authorizePage(parts, request) },
    { path: /^\/express\/acct_[^/]+\/[^/]+$/, answer: (request) => expressPage(parts, request) },
    { path: /^\/v1\/files\/[^/]+\/contents$/, answer: (request) => fileContents(parts, request) },
    { path: /^\/links\/[^/]+$/, answer: (request) => linkedFile(parts, request) },
    { path: /^\/(v1|v2|oauth)\//, answer: (request) => answerApi(parts, requests, request) },
    { path: /^\/_sim\/api(\/|$)/, answer: (request) => handleControl(parts, requests, request) },
    { path: /^\/c\/(pay|embed)\/[^/]+(\/return)?$/, answer: (request) => checkoutPage(parts, request) },
    { path: /^\/b\/\w+$/, answer: (request) => paymentLinkPage(parts, request) },
    { path: /^\/p\/session\/[^/]+$/, answer: (request) => portalPage(parts, request) },
    { path: /^\/i\/in_[^/]+\/[^/]+(\/pdf)?$/, answer: (request) => invoicePage(parts, request) },
    { path: /^\/_sim\/authenticate\/[^/]+$/, answer: (request) => authenticatePage(parts, request) },
    { path: /^\/_sim\/receipts\/[^/]+$/, answer: (request) => receiptPage(parts, request) },
    { path: /^\/_sim\/elements\/[a-z-]+$/, answer: (request) => elementFrame(request) },
    {
      path: /^\/_sim\/assets\/[a-z-]+\.(css|js)$/,
      answer: ({ path }) => assets.answer(path.split('/').at(-1) ?? ''),
    },
    { path: /^\/$/, answer: () => redirect('/_sim') },
    { path: /^\/_sim(\/|$)/, answer: (request) => controlPage(parts, requests, request) },
    // js.stripe.com/v3/ of old, js.stripe.com/endive/stripe.js and its predecessors of today.
    { path: /^\/(v3\/?|(v3|[a-z]+)\/stripe\.js)$/, answer: () => assets.answer('stripe.js') },
  ];
  return async (request) => {
    const place = places.find(({ path }) => path.test(request.path));
    if (place) return place.answer(request);
    return notice('Nothing here', 'This is a local Stripe. Its API is below /v1 and /v2.', TO_CONTROL, 404);
  };
}

async function answerApi(
  parts: SiteParts,
  requests: RequestLog,
  request: WebRequest,
): Promise<WebAnswer | null> {
  const { api, engine, log } = parts;
  const { method, path } = request;
  if (method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  const cut = engine.faults.connection(method, path);
  if (cut === 'before') return null;
  const started = performance.now();
  const answer = asOAuth(request, await api.answer(fromUpload(fromOAuthClient(request))));
  const ms = performance.now() - started;
  requests.add(request, answer, ms);
  const { realm } = answer;
  if (realm) engine.cli.log(realm, (own) => logEntry(request, answer, engine.clock.seconds(), own));
  log(`${method} ${path} ${answer.status} ${ms.toFixed(1)} ms`);
  return cut === 'after' ? null : asWeb(request, answer);
}

function asWeb(request: WebRequest, { status, body, headers }: ApiAnswer): WebAnswer {
  const cors = request.headers.origin === undefined ? {} : CORS;
  const answer = {
    ...headers,
    'content-type': 'application/json',
    'cache-control': 'no-cache, no-store',
    ...cors,
  };
  return { status, headers: answer, body: JSON.stringify(body, null, 2) };
}
