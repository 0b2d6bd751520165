import type { Page } from 'playwright-core';
import type Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, useShop } from './support/browser.ts';
import { eventTypes, makeSeller } from './support/seller.ts';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const browser = useBrowser();
const shop = useShop();

// A form that was refused is answered with 422, which Chromium also writes to the console.
afterEach(() => browser.throwComplaints('422'));

function express(more: Stripe.AccountCreateParams = {}): Promise<Stripe.Account> {
  return local.stripe.accounts.create({
    type: 'express',
    country: 'US',
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    ...more,
  });
}

function link(account: string, more: Partial<Stripe.AccountLinkCreateParams> = {}) {
  return local.stripe.accountLinks.create({
    account,
    type: 'account_onboarding',
    refresh_url: `${shop.url}/refresh`,
    return_url: `${shop.url}/return`,
    ...more,
  });
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click();
}

/** Fills in what the pages ask for until they are done, with their own test data. */
async function complete(page: Page): Promise<void> {
  await press(page, 'Use test code');
  for (;;) {
    const fill = page.getByRole('button', { name: 'Use test data' });
    const submit = page.getByRole('button', { name: 'Agree and submit' });
    await fill.or(submit).waitFor();
    if (await submit.isVisible()) break;
    await fill.click();
    await press(page, 'Continue');
  }
  await press(page, 'Agree and submit');
  await page.waitForURL(`${shop.url}/return`);
}

describe('onboarding', () => {
  it('asks an individual for what is due, takes the test data, and leads back enabled', async () => {
    const { id } = await express();
    const { url } = await link(id);
    const page = await browser.open(url);
    await complete(page);
    const account = await local.stripe.accounts.retrieve(id);
    expect(account).toMatchObject({
      charges_enabled: true,
      payouts_enabled: true,
      details_submitted: true,
      business_type: 'individual',
      requirements: { currently_due: [] },
    });
    // Stripe collected it, so the platform does not see it.
    expect(account.individual).toBeUndefined();
    expect((await refusal(local.stripe.accounts.listPersons(id))).statusCode).toBe(403);
    expect(await eventTypes(local, id)).toEqual(
      expect.arrayContaining(['account.updated', 'capability.updated']),
    );
    await page.close();
  });

  it('asks a company for itself and for the person who speaks for it', async () => {
    const { id } = await express({ business_type: 'company' });
    const page = await browser.open((await link(id)).url);
    await complete(page);
    const account = await local.stripe.accounts.retrieve(id);
    expect(account).toMatchObject({ charges_enabled: true, company: { name: 'Rocket Rides' } });
    await page.close();
  });

  it('says what is wrong with an answer, and asks whom it does not recognise for a document', async () => {
    const { id } = await express({ business_type: 'individual' });
    const page = await browser.open((await link(id)).url);
    await page.getByLabel('Verification code').fill('123456');
    await press(page, 'Continue');
    expect(await page.getByRole('alert').textContent()).toContain('000-000');
    await press(page, 'Use test code');
    await press(page, 'Continue');
    expect(await page.getByText('Required').count()).toBeGreaterThan(3);
    await press(page, 'Use test data');
    await page.getByLabel('Last 4 digits of your SSN').fill('1111');
    await press(page, 'Continue');
    await page.getByLabel('Identity document').selectOption('file_identity_document_success');
    await press(page, 'Continue');
    expect(await page.getByLabel('Website').isVisible()).toBe(true);
    await page.close();
  });

  it('by a link that was used or is too old starts again at the platform', async () => {
    const { id } = await express();
    const { url, expires_at } = await link(id);
    expect((await fetch(url, { redirect: 'manual' })).headers.get('location')).toContain('/setup/visit/');
    const again = await fetch(url, { redirect: 'manual' });
    expect(again.headers.get('location')).toBe(`${shop.url}/refresh`);
    const old = await link(id);
    await local.sim.clock.advance(expires_at - Math.floor(local.sim.clock.now() / 1000) + 60);
    const late = await fetch(old.url, { redirect: 'manual' });
    expect(late.headers.get('location')).toBe(`${shop.url}/refresh`);
  });

  it('can be left and taken up again, and returning proves nothing', async () => {
    const { id } = await express();
    const page = await browser.open((await link(id)).url);
    await press(page, 'Use test code');
    await page.getByRole('link', { name: 'Return to the platform' }).click();
    await page.waitForURL(`${shop.url}/return`);
    expect((await local.stripe.accounts.retrieve(id)).details_submitted).toBe(false);
    await page.goto((await link(id)).url);
    await complete(page);
    expect((await local.stripe.accounts.retrieve(id)).details_submitted).toBe(true);
    await page.close();
  });
});

it('an account link is for the account’s kind, and needs addresses that can be gone to', async () => {
  const { id } = await express();
  expect(await refusal(link(id, { type: 'account_update' }))).toMatchObject({ param: 'type' });
  expect((await refusal(link(id, { return_url: 'javascript:alert(1)' }))).code).toBe('url_invalid');
  expect((await refusal(link('acct_1Nobody'))).code).toBe('account_invalid');
  const custom = await makeSeller(local);
  expect((await link(custom.id, { type: 'account_update' })).url).toContain(`/setup/c/${custom.id}/`);
});

it('an account session has a secret and the components that were asked for', async () => {
  const { id: account } = await express();
  const session = await local.stripe.accountSessions.create({
    account,
    components: { account_onboarding: { enabled: true } },
  });
  expect(session).toMatchObject({
    account,
    components: { account_onboarding: { enabled: true, features: {} }, payments: { enabled: false } },
  });
  expect(session.client_secret).toMatch(/^accs_secret__/);
  const none = local.stripe.accountSessions.create({ account, components: {} });
  expect((await refusal(none)).param).toBe('components');
});

it('a login link opens the dashboard of an Express account that is complete', async () => {
  const { id } = await express();
  expect((await refusal(local.stripe.accounts.createLoginLink(id))).statusCode).toBe(400);
  const page = await browser.open((await link(id)).url);
  await complete(page);
  const { url } = await local.stripe.accounts.createLoginLink(id);
  await page.goto(url);
  expect(await page.getByText('not enabled').count()).toBe(0);
  await page.close();
  const custom = await makeSeller(local);
  expect((await refusal(local.stripe.accounts.createLoginLink(custom.id))).statusCode).toBe(400);
});
