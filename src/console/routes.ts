import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import { noticeAnswer } from '../http/notice.tsx';
import type { Page } from '../http/page.tsx';
import { problemResponse } from '../http/problem.ts';
import { pageHeaders } from '../http/security-headers.ts';
import { BUILT_CONSOLE, builtAsset, builtPage } from './files.ts';

/** What the build left where the nonce of a page has to stand (dashboard/vite.config.ts). */
const NONCE_PLACE = /__NONCE__/g;

const NO_SUCH_FILE = {
  status: 404,
  code: 'not_found',
  detail: 'The console has no such file. Load the page again: it may be older than the server.',
};

const NOT_BUILT = {
  status: 503,
  title: 'The console was not built',
  text: 'Run `npm run build` and start the server again.',
};

/** The operator's console: the same page at every address below `/admin`, and the files it is made of. */
export function consoleRoutes(
  app: Hono,
  page: Pick<Page, 'shopName' | 'sources'>,
  folder: URL = BUILT_CONSOLE,
): void {
  app.get('/admin/assets/:name', async (context) => {
    const encodings = context.req.header('accept-encoding') ?? '';
    const name = context.req.param('name');
    return (await builtAsset(folder, name, encodings)) ?? problemResponse(NO_SUCH_FILE);
  });

  const open = async (request: Request): Promise<Response> => {
    const html = await builtPage(folder);
    if (html === null) return noticeAnswer(page, request, 'console_not_built', NOT_BUILT);
    const nonce = randomBytes(16).toString('base64');
    return new Response(html.replaceAll(NONCE_PLACE, nonce), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        ...pageHeaders(nonce, page.sources),
        'content-security-policy': policy(nonce),
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'same-origin',
      },
    });
  };
  app.get('/admin', (context) => open(context.req.raw));
  app.get('/admin/*', (context) => open(context.req.raw));
}

// Stricter than the shop's: nothing from elsewhere, not even pictures. The nonce is for styles too, since
// Mantine writes the measures of the page's frame into a style element.
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}
