import type { Child } from 'hono/jsx';
import { pageResponse, type Page } from './page.tsx';
import { problemResponse } from './problem.ts';

const STRIPE_FAILED = 502;

/** What a person is told instead of what they came for. */
export interface Telling {
  status: number;
  title: string;
  text: string;
}

/** Where a page leads on to. */
export interface Way {
  href: string;
  label: string;
}

/** A page that says one thing, with at most one way on. */
export function NoticePage({ title, text, way }: { title: string; text: Child; way?: Way | undefined }) {
  return (
    <div class="narrow">
      <h1>{title}</h1>
      <p>{text}</p>
      {way && (
        <p>
          <a class="button" href={way.href} rel="nofollow">
            {way.label}
          </a>
        </p>
      )}
    </div>
  );
}

/** Why not and what to do: a page to a browser, a problem under this code to a program. */
export function noticeAnswer(
  page: Pick<Page, 'shopName' | 'sources'>,
  request: Request,
  code: string,
  { status, title, text }: Telling,
  way?: Way,
): Response {
  if (!wantsPage(request)) return problemResponse({ status, code, detail: text });
  const again = status === STRIPE_FAILED ? { href: ownAddress(request), label: 'Try again' } : undefined;
  const children = <NoticePage title={title} text={text} way={way ?? again} />;
  return pageResponse({ ...page, title, status, children });
}

/** HEAD, by which mail and chat programs look at a link: it must not use up what is good once. */
export function isOnlyLooking(request: Request): boolean {
  return request.method === 'HEAD';
}

/** Sends a browser on, without telling where it came from: our address carries a token, Stripe's is one. */
export function sendOn(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers },
  });
}

function wantsPage(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html');
}

/** The path and query the request came by: relative, so that it can lead nowhere else. */
function ownAddress(request: Request): string {
  const { pathname, search } = new URL(request.url);
  return `/${pathname.replace(/^\/+/, '')}${search}`;
}
