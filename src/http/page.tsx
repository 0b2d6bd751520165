import { randomBytes } from 'node:crypto';
import type { Child } from 'hono/jsx';
import { renderToString } from 'hono/jsx/dom/server';
import { assetUrl } from './assets.ts';
import { pageHeaders, type PageSources } from './security-headers.ts';

export interface Page {
  title: string;
  /** The name of the shop, in the title and at the top. */
  shopName: string;
  /** Stylesheets beside the one of all pages. */
  styles?: readonly string[];
  /** Names of browser scripts of ours, without `.js`. */
  scripts?: readonly string[];
  /** Scripts of others, loaded before ours: only Stripe.js. */
  foreignScripts?: readonly string[];
  sources: PageSources;
  status?: number;
  children: Child;
}

/** A whole page as a response: HTML, and headers that let it do nothing but what it needs. */
export function pageResponse(page: Page): Response {
  const nonce = randomBytes(16).toString('base64');
  const html = `<!doctype html>${renderToString(document(page, nonce))}`;
  return new Response(html, {
    status: page.status ?? 200,
    headers: { 'content-type': 'text/html; charset=utf-8', ...pageHeaders(nonce, page.sources) },
  });
}

function document(page: Page, nonce: string) {
  const { title, shopName, styles = [], scripts = [], foreignScripts = [], children } = page;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === shopName ? title : `${title} – ${shopName}`}</title>
        {['style.css', ...styles].map((name) => (
          <link rel="stylesheet" href={assetUrl(name)} />
        ))}
        <link rel="icon" href={assetUrl('icon.svg')} type="image/svg+xml" />
        {foreignScripts.map((src) => (
          <script src={src} nonce={nonce} defer />
        ))}
        {scripts.map((name) => (
          <script type="module" src={assetUrl(`${name}.js`)} nonce={nonce} />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header class="top">
          <a href="/" class="shop-name">
            {shopName}
          </a>
        </header>
        <main id="main">{children}</main>
      </body>
    </html>
  );
}
