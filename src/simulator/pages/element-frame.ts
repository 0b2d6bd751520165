import type { WebAnswer, WebRequest } from '../server/http.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

/**
 * The document in a Stripe Element's iframe; its script builds the inputs once the shop's page says which.
 */
export function elementFrame({ path }: WebRequest): WebAnswer {
  const kind = path.split('/').at(-1) ?? '';
  const body = html`<div class="element" data-element="${kind}"></div>`;
  return page({ title: 'Secure input', body, scripts: ['element-frame.js'], framed: true });
}
