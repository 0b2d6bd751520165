import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { seedStore } from '../../src/cli/seed/seed.ts';
import { complaintsOf, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf } from '../support/effects.ts';
import { knownInstall } from '../support/install.ts';
import { linkToken, somebody } from '../support/operator.ts';
import { until } from '../support/quittance.ts';
import { runShop, type Shop } from '../support/shop.ts';

// Every page of the console on a store in which every state occurs, by the rules of WCAG 2.2 A and AA.
const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const PHONE = { width: 390, height: 800 };
const DESK = { width: 1440, height: 900 };
const HTML = "<img src=x onerror='window.taken=true'>";

const browser = useBrowser();
let shop: Shop;
let page: Page;
let complaints: string[];
const paths: string[] = [];
/** Pages, and the buttons that open a dialog there. */
const dialogs: [path: string, button: string][] = [];

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  await seedStore(
    database,
    { events: 4_000, orders: 2_000, sellers: 30, days: 20, seed: 3 },
    { intoExisting: false, note: () => {} },
  );
  shop = await runShop({ url, sql: database.sql }, { app: {} });
  const place = { url: shop.url, database };
  const { name } = await somebody(place, 'admin');
  const { id: install } = await knownInstall(database.sql);
  await shop.post(eventOf('cus_html', { note: HTML, type: 'customer.created' }));
  const first = async (list: string, key: 'id' | 'seq' = 'id'): Promise<string> => {
    const { data } = (await (await shop.api(list)).json()) as { data: { id: string; seq?: number }[] };
    if (data[0] === undefined) throw new Error(`nothing at ${list}`);
    return `${data[0][key]}`;
  };
  const details = await Promise.all([
    first('/api/events?status=dead', 'seq').then((id) => `/events/${id}`),
    first('/api/orders?status=refunded').then((id) => `/orders/${id}`),
    first('/api/orders?status=review').then((id) => `/orders/${id}`),
    first('/api/connect/sellers?status=restricted').then((id) => `/sellers/${id}`),
    first('/api/disputes?open=true').then((id) => `/disputes/${id}`),
    first('/api/operators').then((id) => `/operators/${id}`),
  ]);
  paths.push('/', '/orders', '/sellers', '/disputes', '/fraud-warnings', '/events', '/replays', '/installs');
  paths.push('/jobs', '/jobs/timetable', '/doctor', '/operators', '/audit', '/account', '/nowhere');
  paths.push(`/installs/${install}`, ...details);
  const fulfilled = await first('/api/orders?status=fulfilled');
  const review = await first('/api/orders?status=review');
  dialogs.push(['/operators', 'Add an operator'], ['/events?status=dead', 'Run all again']);
  dialogs.push([`/orders/${fulfilled}`, 'Refund'], [`/orders/${review}`, 'Review'], ['/orders', 'Help']);
  page = await browser.open(DESK.width);
  complaints = complaintsOf(page);
  await page.goto(`${shop.url}/admin/link?token=${await linkToken(place, name)}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Today' }).waitFor();
});

/** What axe finds, as `rule: where`. */
async function violations(at: Page): Promise<string[]> {
  if (!(await at.evaluate(() => 'axe' in window))) await at.evaluate(AXE);
  return at.evaluate(async (values) => {
    const { axe } = window as unknown as {
      axe: {
        run: (
          root: Document,
          options: object,
        ) => Promise<{ violations: { id: string; nodes: { target: unknown[] }[] }[] }>;
      };
    };
    const found = await axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target }) => `${id}: ${target.join(' ')}`),
    );
  }, RULES);
}

/** Nothing is loading any more, and no colour is on its way to another. */
async function quiet(at: Page): Promise<void> {
  await until(() => at.evaluate(isQuiet), `${at.url()} to be there`);
}

const isQuiet = (): boolean => {
  const scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  return (
    document.querySelector('h1') !== null &&
    document.querySelector('[aria-busy="true"]') === null &&
    document.documentElement.dataset['mantineColorScheme'] === scheme &&
    document.getAnimations().every(({ playState }) => playState !== 'running')
  );
};

/**
 * What axe finds on a page, or in the dialog that a button opens there: in light on a desk, and in dark on a
 * phone, which it has to fit.
 */
async function foundAt(path: string, button?: string): Promise<string[]> {
  const what = button === undefined ? path : `${path} (${button})`;
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${shop.url}/admin${path}`);
  await quiet(page);
  if (button !== undefined) {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await quiet(page);
  }
  const light = await violations(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(PHONE);
  await quiet(page);
  // What is drawn for a phone is there a moment after the window has its size.
  await until(() => page.evaluate(fits), `${what} to fit a phone`);
  const dark = await violations(page);
  return [
    ...light.map((each) => `${what} light ${each}`),
    ...dark.map((each) => `${what} dark, phone ${each}`),
  ];
}

const fits = (): boolean => document.documentElement.scrollWidth <= window.innerWidth;

describe('every page of the console', () => {
  it(
    'has nothing that stands in the way of anybody, in light and dark, and fits a phone',
    { timeout: 240_000 },
    async () => {
      const found: string[] = [];
      for (const path of paths) found.push(...(await foundAt(path)));
      expect(found).toEqual([]);
      expect(complaints).toEqual([]);
      // Control: what is wrong is found.
      await page.evaluate(() => document.querySelector('h1')?.insertAdjacentHTML('afterend', '<input>'));
      expect(await violations(page)).toEqual([expect.stringContaining('label')]);
    },
  );

  it('nor has what opens over a page', { timeout: 240_000 }, async () => {
    const found: string[] = [];
    for (const [path, button] of dialogs) found.push(...(await foundAt(path, button)));
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('shows HTML in what others wrote as the text it is', async () => {
    await page.setViewportSize(DESK);
    await page.goto(`${shop.url}/admin/events?object=cus_html`);
    await page.getByRole('link', { name: 'customer.created' }).click();
    await page.getByText(HTML).first().waitFor();
    expect(await page.evaluate(() => 'taken' in window)).toBe(false);
  });
});
