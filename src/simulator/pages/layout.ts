import type { WebAnswer } from '../server/http.ts';
import { html, type Html } from './html.ts';

export interface PageOptions {
  title: string;
  body: Html;
  status?: number;
  /** Scripts to load, by their name under `/_sim/assets/`. */
  scripts?: string[];
  /** Style sheets beside the one that every page has. */
  styles?: string[];
  /** Its forms are only for itself, so they have to say where they come from. */
  ownForms?: boolean;
  /** May stand in a frame of any other site, as Stripe's frames do. */
  framed?: boolean;
}

/**
 * Nothing of these pages comes from elsewhere but pictures of products. `form-action` is left open on
 * purpose: a form's answer redirects to the shop, and Chromium counts that as its action.
 */
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src * data:";

/** A whole HTML page with the simulator's style. */
export function page(options: PageOptions): WebAnswer {
  const { title, body, status = 200, scripts = [], styles = [], framed = false, ownForms = false } = options;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${['style.css', ...styles].map((name) => html`<link rel="stylesheet" href="/_sim/assets/${name}" />`)}
        ${scripts.map((name) => html`<script src="/_sim/assets/${name}" defer></script>`)}
      </head>
      <body class="${framed ? 'framed' : 'whole'}">
        ${body}
      </body>
    </html>`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `${POLICY}; frame-src 'self'; frame-ancestors ${framed ? '*' : "'none'"}`,
      'referrer-policy': ownForms ? 'same-origin' : 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: document.text,
  };
}

/** Sends the browser elsewhere with GET. */
export function redirect(location: string): WebAnswer {
  return { status: 303, headers: { location, 'cache-control': 'no-store' }, body: '' };
}

/** A page that only says something. */
export function notice(
  title: string,
  text: string,
  link?: { href: string; label: string },
  status = 200,
): WebAnswer {
  const body = html`<main class="notice">
    <h1>${title}</h1>
    <p>${text}</p>
    ${link && html`<p><a class="button" href="${link.href}">${link.label}</a></p>`}
  </main>`;
  return page({ title, body, status });
}
