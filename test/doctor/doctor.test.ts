import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Check } from '../../src/doctor/check.ts';
import type { Report } from '../../src/doctor/doctor.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { StripeClients } from '../../src/stripe/clients.ts';
import { atEnd } from '../support/at-end.ts';
import { emptyFolder, quittance as command } from '../support/cli.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, sign, WEBHOOK_SECRET } from '../support/events.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';
import { STRIPE_KEY } from '../support/shop.ts';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.ts';

const NOWHERE = 'postgres://nobody@127.0.0.1:1/nothing';
const OLD_SECRET = 'whsec_of_the_endpoint_before';
const RESTRICTED_KEY = 'rk_test_quittance_suite_key';

let simulator: Simulator;
let proxy: StripeProxy;
let database: Database;
let databaseUrl: string;
let server: Running;
let stripe: Stripe;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0 });
  atEnd(() => simulator.close());
  proxy = await startStripeProxy();
  proxy.target = simulator.url;
  ({ url: databaseUrl, database } = await freshDatabase());
  server = await runQuittance(databaseUrl, {
    stripeSecretKey: STRIPE_KEY,
    stripeApiBase: proxy.url,
    stripeWebhookSecret: [WEBHOOK_SECRET, OLD_SECRET],
    handlers: { 'customer.updated': () => {} },
  });
  const clients = new StripeClients({ secretKey: STRIPE_KEY, apiBase: simulator.url });
  atEnd(() => clients.close());
  stripe = clients.own();
});

async function reportOf(of: Running = server): Promise<Report> {
  const answer = await of.api('/api/doctor');
  expect(answer.status).toBe(200);
  return (await answer.json()) as Report;
}

async function check(id: string, of: Running = server): Promise<Check> {
  const found = (await reportOf(of)).data.find((each) => each.id === id);
  if (!found) throw new Error(`no check ${id}`);
  return found;
}

interface Repaired {
  id: string;
  url: string;
  did: string;
  secret: string | null;
  variable: string;
}

async function repair(endpoint: string): Promise<Repaired> {
  const answer = await server.api('/api/doctor/repair-endpoint', {
    method: 'POST',
    body: JSON.stringify({ endpoint }),
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return (await answer.json()) as Repaired;
}

describe('a server that is well', () => {
  it('is told so: key, account, clocks, database, processes', async () => {
    const report = await reportOf();
    const well = [
      'stripe_key',
      'stripe_account',
      'stripe_permissions',
      'stripe_clock',
      'database',
      'migrations',
    ];
    well.push('database_clock', 'disk', 'vault', 'processes', 'job_worker', 'drain', 'set_aside', 'version');
    const found = report.data.filter(({ id }) => well.includes(id));
    expect(found.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(found).toHaveLength(well.length);
    expect(new Set(report.data.map(({ id }) => id)).size).toBe(report.data.length);
    expect(JSON.stringify(report)).not.toMatch(/sk_test|whsec_/);
  });
});

describe('an endpoint at Stripe', () => {
  it('that is missing is created, its secret told once and written down nowhere', async () => {
    expect(await check('endpoint_own')).toMatchObject({ status: 'fail', repair: 'own' });
    const made = await repair('own');
    expect(made).toMatchObject({
      did: 'created',
      url: `${server.url}/api/webhook`,
      variable: 'STRIPE_WEBHOOK_SECRET',
    });
    expect(made.secret).toMatch(/^whsec_\w{16,}/);
    expect(await check('endpoint_own')).toMatchObject({ status: 'ok', repair: null });
    expect(await repair('own')).toEqual({ ...made, did: 'nothing', secret: null });
    const lines = await database.sql<{ action: string; outcome: string | null; detail: object; all: string }>`
      select action, outcome, detail, a::text as all from quittance.audit a where action = 'repairEndpoint'`;
    expect(lines.map(({ outcome }) => outcome)).toEqual([null, 'done', null, 'done']);
    expect(lines[0]?.detail).toEqual({ endpoint: 'own' });
    const written = lines.map(({ all }) => all).join('\n') + server.log.text();
    expect(written).not.toContain(made.secret);
  });

  it('that is disabled or lacks events is mended; what is too much, twice or old is told', async () => {
    const [known] = (await stripe.webhookEndpoints.list()).data;
    const id = known?.id as string;
    await stripe.webhookEndpoints.update(id, { disabled: true });
    expect(await check('endpoint_own')).toMatchObject({ status: 'fail', repair: 'own' });
    expect(await repair('own')).toMatchObject({ id, did: 'mended', secret: null });
    await stripe.webhookEndpoints.update(id, { enabled_events: ['charge.refunded', 'invoice.paid'] });
    const lacking = await check('endpoint_own');
    expect(lacking).toMatchObject({ status: 'fail', repair: 'own' });
    expect(lacking.found).toMatch(/does not send what is handled here: .*checkout\.session/);
    expect(lacking.found).toContain('invoice.paid');
    await repair('own');
    const mended = await check('endpoint_own');
    expect(mended).toMatchObject({ status: 'warn', repair: null });
    expect(mended.found).toMatch(/sends what nobody handles: invoice\.paid\.$/);
    const { enabled_events: events } = await stripe.webhookEndpoints.retrieve(id);
    expect(events).toEqual(expect.arrayContaining(['invoice.paid', 'charge.refunded', 'customer.updated']));
    const url = `${server.url}/api/webhook`;
    const second = await stripe.webhookEndpoints.create({
      url,
      enabled_events: ['*'],
      api_version: '2024-06-20',
    });
    expect((await check('endpoint_own')).found).toContain('post to the same address');
    await stripe.webhookEndpoints.del(id);
    const older = await check('endpoint_own');
    expect(older).toMatchObject({ status: 'warn', repair: null });
    expect(older.found).toContain('2024-06-20');
    await stripe.webhookEndpoints.del(second.id);
  });

  it('for connected accounts and for thin events are made where they belong', async () => {
    expect(await check('endpoint_connect')).toMatchObject({ status: 'ok', repair: 'connect' });
    expect(await repair('connect')).toMatchObject({
      did: 'created',
      url: `${server.url}/api/webhook/connect`,
    });
    expect(await repair('thin')).toMatchObject({ did: 'created', variable: 'STRIPE_THIN_WEBHOOK_SECRET' });
    expect((await check('endpoint_connect')).found).toContain('posts all events');
    expect(await check('endpoint_thin')).toMatchObject({ status: 'ok', repair: null });
  });
});

it('says which signing secret is in use, and which has signed nothing, by fingerprints alone', async () => {
  expect((await check('secret_own')).found).toMatch(
    /^[0-9a-f]{8}… has never been used; [0-9a-f]{8}… has never/,
  );
  const event = makeEvent({ type: 'customer.updated' });
  expect((await server.post(event)).status).toBe(200);
  const used = await until(async () => {
    const now = await check('secret_own');
    return now.status === 'warn' && now;
  }, 'the use to be written down');
  expect(used.found).toMatch(/has signed nothing for a day, while another has\.$/);
  const body = JSON.stringify(makeEvent({ type: 'customer.updated' }));
  await server.post(body, { 'stripe-signature': sign(body, OLD_SECRET) });
  const both = await until(async () => {
    const now = await check('secret_own');
    return now.status === 'ok' && now;
  }, 'the use of the other');
  expect(both.found).toMatch(/was last used .* ago, 1 times in all; .* was last used/);
});

describe('a restricted key', () => {
  it('is told the permissions it lacks, as the Dashboard calls them', async () => {
    const restricted = await runQuittance(
      databaseUrl,
      { stripeSecretKey: RESTRICTED_KEY, stripeApiBase: proxy.url },
      { work: false },
    );
    expect(await check('stripe_permissions', restricted)).toMatchObject({ status: 'ok' });
    const error = {
      type: 'invalid_request_error',
      message: 'The provided key does not have the permissions.',
    };
    for (const match of ['GET /v1/disputes', 'GET /v1/charges'])
      proxy.answer({ match, times: 1, status: 403, error });
    const lacking = await check('stripe_permissions', restricted);
    expect(lacking).toMatchObject({ status: 'fail' });
    expect(lacking.found).toContain(
      'Missing: Charges and Refunds: Write (refunds); Disputes: Write (evidence).',
    );
  });

  it('that Stripe does not take is told so', async () => {
    const refused = {
      match: 'GET /v1/account',
      times: 2,
      status: 401,
      error: { message: 'Invalid API Key provided' },
    };
    proxy.answer(refused);
    const { data } = await reportOf();
    expect(data.find(({ id }) => id === 'stripe_key')).toMatchObject({ status: 'fail' });
    expect(data.find(({ id }) => id === 'database')).toMatchObject({ status: 'ok' });
  });
});

it('answers when neither the database nor Stripe does', async () => {
  const away = await runQuittance(
    NOWHERE,
    { stripeSecretKey: STRIPE_KEY, stripeApiBase: 'http://127.0.0.1:1' },
    { work: false },
  );
  const { data, status } = await reportOf(away);
  const statusOf = (id: string): string | undefined => data.find((each) => each.id === id)?.status;
  expect(status).toBe('fail');
  expect(['database', 'stripe_account', 'migrations', 'endpoint_own', 'version'].map(statusOf)).toEqual([
    'fail',
    'fail',
    'unknown',
    'unknown',
    'ok',
  ]);
});

it('quittance doctor prints the same, and ends with 1 when something fails', async () => {
  const env = {
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_API_BASE: simulator.url,
    QUITTANCE_SECRET: 'a secret for this test, long enough',
    PUBLIC_URL: server.url,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  };
  const { status, stdout, stderr } = await command(['doctor'], emptyFolder(), env).ended;
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^\nStripe\n {2}✓ ok {3} Secret key {21}A restricted|An unrestricted key of test mode\.$/m,
  );
  expect(stdout).toMatch(/✗ fail Endpoint for our account/);
  expect(stdout).toMatch(/ {40}→ /);
  expect(stdout).not.toMatch(/\[\d+m|whsec_|sk_test/);
  expect(status).toBe(1);
});
