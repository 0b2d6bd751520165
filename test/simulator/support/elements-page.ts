import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { useBrowser, useShop, type Shop } from './browser.ts';
import { useSimulator, type Local } from './simulator.ts';

const NONCE = 'n0nce';
const LOADER = createRequire(import.meta.url).resolve('@stripe/stripe-js');

/** What a page showed: mostly what Stripe.js resolved with. */
export interface Shown {
  error: Record<string, string>;
  paymentIntent: Record<string, string>;
  paymentMethod: Record<string, string>;
  confirmationToken: Record<string, string>;
  token: Record<string, string>;
  reach: string[];
}

/** A simulator, a shop with pages on it, and a real browser. */
export interface ElementsShop extends Local {
  shop: Shop;
  /**
   * A page of the shop under a strict policy: only what Stripe.js is documented to need is allowed. The
   * script finds `stripe`, places `#one` to `#three`, and `show` and `onPay` for what is read and pressed.
   */
  open: (script: string, options?: { train?: string; account?: string }) => Promise<Page>;
  /** A page whose module script loads Stripe.js through the real @stripe/stripe-js. */
  openModule: (script: string) => Promise<Page>;
  /** What the page has shown, once it has. */
  result: (page: Page) => Promise<Shown>;
}

/** For one test file. A declined card is a 402 of the API, which Chromium also writes to the console. */
export function useElementsShop(...expected: string[]): ElementsShop {
  const local = useSimulator();
  const browser = useBrowser();
  const shop = useShop();
  afterEach(() => browser.throwComplaints('402', ...expected));
  const serve = (head: string, type: string, script: string): Promise<Page> => {
    const stripe = local.sim.url;
    const policy =
      `default-src 'none'; script-src 'nonce-${NONCE}' ${stripe} ${shop.url}; frame-src ${stripe};
      connect-src ${stripe}`.replaceAll(/\s+/g, ' ');
    const html = `<!doctype html><html lang="en"><title>shop</title><body>
      ${['one', 'two', 'three'].map((id) => `<div id="${id}"></div>`).join('')}<button id="pay">Pay</button>
      <p id="result"></p>${head}<script ${type} nonce="${NONCE}">
      const show = (value) => { document.querySelector('#result').textContent = JSON.stringify(value); };
      const onPay = (work) => document.querySelector('#pay').addEventListener('click', work);
      ${script}</script></body></html>`;
    shop.pages.set('/page', { html, headers: { 'content-security-policy': policy } });
    return browser.open(`${shop.url}/page`);
  };
  const tools = {
    shop,
    open: (script: string, { train = 'endive', account }: { train?: string; account?: string } = {}) => {
      const options = JSON.stringify(account === undefined ? {} : { stripeAccount: account });
      const source = `<script src="${local.sim.url}/${train}/stripe.js" nonce="${NONCE}"></script>`;
      return serve(source, '', `const stripe = Stripe('pk_test_browser', ${options}); ${script}`);
    },
    openModule: (script: string) => {
      const code = readFileSync(path.join(path.dirname(LOADER), '../dist/pure.mjs'), 'utf8');
      shop.pages.set('/pure.mjs', { html: code, headers: { 'content-type': 'text/javascript' } });
      const load = `import { loadStripe } from '/pure.mjs';`;
      return serve('', 'type="module"', `${load} const simulator = '${local.sim.url}'; ${script}`);
    },
    result: shown,
  };
  // The simulator's parts are there only after its start, so the tools join them and not the other way.
  return Object.assign(local, tools);
}

/** The names of the functions that an interface of @stripe/stripe-js declares, in the file of that name. */
export function declaredFunctions(file: string, name: string): string[] {
  const types = readFileSync(path.join(path.dirname(LOADER), `../dist/stripe-js/${file}.d.ts`), 'utf8');
  const body =
    new RegExp(`(?:interface ${name}|type ${name} =) \\{\\n([\\s\\S]*?)\\n\\}`).exec(types)?.[1] ?? '';
  const names = [...body.matchAll(/^ {2}(\w+)(?:\(|: \()/gm)].map(([, each]) => each ?? '');
  return [...new Set(names)];
}

/** Types a card into the Payment Element. */
export async function typeCard(page: Page, number: string): Promise<void> {
  const frame = page.frameLocator('iframe[title="Secure payment input frame"]');
  await frame.locator('#payment-numberInput[name=number]').fill(number);
  await frame.locator('[name=expiry]').fill('12 / 40');
  await frame.locator('[name=cvc]').fill('123');
  await frame.locator('[name=postalCode]').fill('12345');
}

/** The one input of a split card field. */
export function part(page: Page, title: string, name: string) {
  return page.frameLocator(`iframe[title="Secure ${title} input frame"]`).locator(`[name=${name}]`);
}

/** What the page has shown, once it has; and takes it away, so that the next is not taken for it. */
export async function shown(page: Page): Promise<Shown> {
  await page.waitForFunction(() => document.querySelector('#result')?.textContent !== '');
  const text = await page.locator('#result').textContent();
  await page.evaluate(() => document.querySelector('#result')?.replaceChildren());
  return JSON.parse(text ?? '') as Shown;
}
