import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser } from './support/browser.ts';
import { Receiver } from './support/receiver.ts';
import { control, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator({ seed: 'control' });
const browser = useBrowser();

// A page that is not there is a 404, which Chromium also writes to the console.
afterEach(() => browser.throwComplaints('404'));

const PLACES = ['', '/requests', '/events', '/objects', '/accounts', '/apps', '/clock', '/faults', '/state'];

const at = (place: string, width?: number) => browser.open(`${local.sim.url}/_sim${place}`, width);

const PAYMENT = {
  amount: 2_000,
  currency: 'usd',
  payment_method: 'pm_card_visa',
  confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const },
};

describe('the control page', () => {
  it('says what to do while there is nothing, fits a phone, and names every input', async () => {
    for (const place of PLACES) {
      const page = await at(place, 390);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      const nameless = await page.evaluate(
        () =>
          [...document.querySelectorAll('input:not([type=hidden]), select')].filter(
            (input) => (input as HTMLInputElement).labels?.length !== 1,
          ).length,
      );
      const headings = await page.locator('h1').count();
      expect({ place, overflow, nameless, headings }).toEqual({
        place,
        overflow: 0,
        nameless: 0,
        headings: 1,
      });
      await page.close();
    }
    const page = await at('');
    expect(await page.getByText('No requests yet.').isVisible()).toBe(true);
    await page.close();
  });

  it('shows a request with its parameters and answer, without what is secret', async () => {
    await local.stripe.customers.create({ name: '<b>Ada</b>' });
    await refusal(local.stripe.tokens.create({ card: { number: '42', exp_month: '1', exp_year: '40' } }));
    const page = await at('/requests?only=failed');
    expect(await page.locator('.rows li').count()).toBe(1);
    await page.getByRole('link', { name: '/v1/tokens' }).click();
    expect(await page.getByLabel('Parameters').textContent()).toContain('"number": "***"');
    expect(await page.getByLabel('Answer').textContent()).toContain('incorrect_number');
    await page.getByRole('navigation').getByRole('link', { name: 'Requests' }).click();
    await page.getByRole('link', { name: '/v1/customers' }).click();
    expect(await page.getByLabel('Answer').textContent()).toContain('"name": "<b>Ada</b>"');
    await page.getByLabel('Answer').getByRole('link', { name: /^cus_/ }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/^cus_/);
    await page.close();
  });

  it('is reached from the log address that an error names', async () => {
    const { raw } = await refusal(local.stripe.customers.retrieve('cus_missing'));
    const page = await browser.open((raw as { request_log_url: string }).request_log_url);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('GET /v1/customers/cus_missing');
    await page.close();
  });

  it('shows what became of an event, and sends it again', async () => {
    const receiver = await Receiver.start();
    receiver.answer = (number) => ({ status: number === 1 ? 500 : 200 });
    await local.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] });
    await local.stripe.customers.create();
    await local.sim.deliveriesSettled();
    const page = await at('/events');
    expect(await page.locator('.rows li .tag').textContent()).toBe('pending');
    await page.getByRole('link', { name: 'customer.created' }).click();
    await page.getByRole('button', { name: 'Send again' }).click();
    expect(await page.getByRole('status').textContent()).toContain('Sent again');
    expect(await page.locator('.rows .tag').allTextContents()).toEqual(['500', '200']);
    expect(receiver.types).toEqual(['customer.created', 'customer.created']);
    receiver.close();
    await page.close();
  });

  it('moves the clock, and what falls due happens', async () => {
    const method = await local.stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'AT611904300234573201' },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    });
    const { id } = await local.stripe.paymentIntents.create({
      ...PAYMENT,
      currency: 'eur',
      payment_method: method.id,
      mandate_data: { customer_acceptance: { type: 'offline' } },
    });
    expect((await local.stripe.paymentIntents.retrieve(id)).status).toBe('processing');
    const page = await at('/clock');
    await page.getByRole('button', { name: '1 week' }).click();
    expect(await page.getByRole('status').textContent()).toContain('1 week');
    expect(await page.locator('.top .time').textContent()).toContain('7 days ahead');
    expect((await local.stripe.paymentIntents.retrieve(id)).status).toBe('succeeded');
    await page.getByLabel('Seconds').fill('soon');
    await page.getByRole('button', { name: 'Move on' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('"advance_seconds" must be a number.');
    await page.close();
  });
});

describe('an app', () => {
  it('is installed, given permissions and uninstalled on the page', async () => {
    const page = await at('/apps');
    await page.getByLabel('Where').selectOption('Both');
    await page.getByLabel('Permissions', { exact: true }).fill('customer_read, charge_read');
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    expect(await page.locator('h2 .tag').allTextContents()).toEqual(['test', 'live']);
    const install = page.getByRole('region').first();
    await install.getByLabel('Not yet granted').fill('customer_write');
    await install.getByRole('button', { name: 'Change permissions' }).click();
    await install.getByRole('button', { name: 'Grant all' }).click();
    expect(await install.locator('.facts').textContent()).toContain(
      'customer_read, charge_read, customer_write',
    );
    await install.getByRole('button', { name: 'Uninstall' }).click();
    expect(await page.locator('h2 .tag').allTextContents()).toEqual(['live']);
    await page.getByRole('button', { name: 'Roll the secret' }).click();
    expect(await page.getByText(/^absec_/).count()).toBe(2);
    await page.close();
  });
});

describe('what goes wrong on purpose', () => {
  it('is set and removed on the page', async () => {
    const page = await at('/faults');
    await page.getByLabel('Decline code').fill('insufficient_funds');
    await page.getByRole('button', { name: 'Decline the next' }).click();
    expect(await refusal(local.stripe.paymentIntents.create(PAYMENT))).toMatchObject({
      decline_code: 'insufficient_funds',
    });
    await local.stripe.paymentIntents.create(PAYMENT);
    const form = page.locator('section', { hasText: 'Calls of the API' });
    await form.getByLabel('What').selectOption('Answer with a 429');
    await form.getByLabel('Which calls').fill('/v1/refunds');
    await form.getByRole('button', { name: 'Set' }).click();
    expect(await page.locator('.rows').textContent()).toContain('where “/v1/refunds” occurs');
    expect(await refusal(local.stripe.refunds.list())).toMatchObject({ statusCode: 429 });
    await local.stripe.customers.list();
    await page.getByRole('button', { name: 'Remove' }).click();
    await local.stripe.refunds.list();
    expect(await page.getByText('Nothing is set to go wrong.').isVisible()).toBe(true);
    await page.close();
  });

  it('strikes the same calls again for the same seed, and others for another', async () => {
    const run = async (seed: string): Promise<string> => {
      await control(local.sim, 'POST', 'faults/seed', { seed });
      await control(local.sim, 'POST', 'faults', { kind: 'rate_limit', probability: 0.5 });
      let struck = '';
      for (let n = 0; n < 20; n += 1)
        struck += await local.stripe.customers.list().then(
          () => '.',
          () => 'x',
        );
      await control(local.sim, 'DELETE', 'faults');
      return struck;
    };
    const first = await run('one');
    expect(await run('one')).toBe(first);
    expect(await run('two')).not.toBe(first);
  });
});

describe('what no call of the API brings about', () => {
  it('a dispute', async () => {
    const intent = await local.stripe.paymentIntents.create(PAYMENT);
    const page = await at(`/objects/${intent.latest_charge as string}`);
    await page.getByLabel('Reason').selectOption('Product not received');
    await page.getByRole('button', { name: 'Open a dispute' }).click();
    expect(await page.getByRole('status').textContent()).toContain('A dispute was opened');
    expect(await page.getByRole('button', { name: 'Open a dispute' }).count()).toBe(0);
    const { data } = await local.stripe.disputes.list();
    expect(data).toMatchObject([{ reason: 'product_not_received', status: 'needs_response' }]);
    await page.close();
  });

  it('an account that is onboarded, paid out and restricted', async () => {
    const { id } = await local.stripe.accounts.create({ country: 'US' });
    const page = await at('/accounts');
    const box = page.getByRole('region', { name: id });
    expect(await box.locator('.tag').allTextContents()).toEqual(['disabled', 'disabled']);
    await box.getByRole('button', { name: 'Onboard' }).click();
    expect(await box.locator('.tag').allTextContents()).toEqual(['enabled', 'enabled']);
    await box.getByRole('button', { name: 'Pay out' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('has nothing available');
    const funded = { ...PAYMENT, payment_method: 'pm_card_bypassPending' };
    await local.stripe.paymentIntents.create(funded, { stripeAccount: id });
    await box.getByRole('button', { name: 'Pay out' }).click();
    expect(await page.getByRole('status').textContent()).toContain('on its way to the bank');
    const payouts = await local.stripe.payouts.list({}, { stripeAccount: id });
    expect(payouts.data).toMatchObject([{ amount: 1_912, currency: 'usd', status: 'pending' }]);
    await box.getByLabel('How').selectOption('Block payouts');
    await box.getByRole('button', { name: 'Restrict' }).click();
    expect(await local.stripe.accounts.retrieve(id)).toMatchObject({ payouts_enabled: false });
    await page.close();
  });
});

describe('the whole state', () => {
  it('can be taken away as a file, and forgotten', async () => {
    const { id } = await local.stripe.customers.create();
    const page = await at('/state');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export as JSON' }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { id: string }[] };
    expect(data.map((row) => row.id)).toContain(id);
    await page.getByText('Reset…').click();
    await page.getByRole('button', { name: 'Forget everything' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Everything was forgotten.');
    expect(await refusal(local.stripe.customers.retrieve(id))).toMatchObject({ code: 'resource_missing' });
    await page.close();
  });

  it('is out of the reach of other pages', async () => {
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${local.sim.url}/_sim/do`, {
        method: 'POST',
        body: 'route=POST reset',
        headers,
        redirect: 'manual',
      });
    const { id } = await local.stripe.customers.create();
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ origin: 'null' })).status).toBe(403);
    await local.stripe.customers.retrieve(id);
    const own = await post({ origin: local.sim.url });
    expect([own.status, own.headers.get('location')]).toEqual([303, '/_sim?done=Done.']);
    expect(await refusal(local.stripe.customers.retrieve(id))).toMatchObject({ code: 'resource_missing' });
  });

  it('is asked for politely when it is not there', async () => {
    const page = await at('/objects/cus_nothing');
    expect(await page.locator('main').textContent()).toContain('Nothing has the id cus_nothing.');
    await page.getByRole('link', { name: 'To the overview' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Overview');
    await page.close();
  });
});
