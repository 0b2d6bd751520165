import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI_VERSIONS, Cli, type Listener } from './support/cli.ts';
import { Receiver } from './support/receiver.ts';
import { useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe.each(CLI_VERSIONS)('commands of the real CLI %s', (version) => {
  const ALL = version === '1.52.0' ? ['--all-snapshot'] : [];
  let cli: Cli;

  beforeAll(async () => {
    cli = await Cli.of(version, local.sim.url);
  });
  afterAll(() => cli.close());

  const listen = (...args: string[]): Promise<Listener> => cli.start('listen', '-s', ...ALL, ...args);

  it('sends an event again to the listeners', async () => {
    const listener = await listen('--format', 'JSON');
    await local.stripe.customers.create();
    const { id } = await listener.event('customer.created');
    expect(await cli.run('events', 'resend', id)).toMatchObject({ code: 0 });
    await listener.line((line) => line.id === id && listener.lines.length > 1);
    expect(listener.types).toEqual(['customer.created', 'customer.created']);
    await listener.stop();
  });

  it('sends an event again to one endpoint', async () => {
    const target = await Receiver.start();
    const endpoint = await local.stripe.webhookEndpoints.create({ url: target.url, enabled_events: ['*'] });
    target.secrets = [endpoint.secret ?? ''];
    await local.stripe.customers.create();
    const { event } = await target.waitFor('customer.created');
    await cli.run('events', 'resend', event.id, '--webhook-endpoint', endpoint.id);
    await local.sim.deliveriesSettled();
    expect(target.received.map((each) => each.event.id)).toEqual([event.id, event.id]);
    target.close();
  });

  it('tails the log of requests, with what was refused and why', async () => {
    const tail = await cli.start('logs', 'tail', '--format', 'JSON');
    const posts = await cli.start('logs', 'tail', '--format', 'JSON', '--filter-http-method', 'POST');
    const refused = await cli.start('logs', 'tail', '--format', 'JSON', '--filter-status-code-type', '4XX');
    await local.stripe.customers.list();
    await local.stripe.customers.create({ email: 'nobody' }).catch(() => undefined);
    await local.raw('/v1/customers', { method: 'POST', body: 'nonsense=1' });
    const invalid = await tail.line(({ error }) => error?.param === 'email');
    expect(invalid).toMatchObject({ method: 'POST', status: 400, error: { code: 'email_invalid' } });
    await tail.line(({ method }) => method === 'GET');
    for (const param of ['email', 'nonsense'])
      for (const each of [tail, posts, refused]) await each.line(({ error }) => error?.param === param);
    // Sorted: no order is promised to those who tail the log.
    const shown = ({ lines }: Listener): string[] =>
      lines
        .filter(({ url }) => url === '/v1/customers')
        .map(({ method, status }) => `${method} ${status}`)
        .toSorted();
    expect(shown(tail)).toEqual(['GET 200', 'POST 400', 'POST 400']);
    expect(shown(posts)).toEqual(['POST 400', 'POST 400']);
    expect(shown(refused)).toEqual(['POST 400', 'POST 400']);
    await Promise.all([tail, posts, refused].map((each) => each.stop()));
  });

  it('creates, reads, lists and deletes through resource commands and get, post, delete', async () => {
    const made = JSON.parse((await cli.run('customers', 'create', '--email', 'a@example.com')).stdout) as {
      id: string;
    };
    const read = await cli.run('get', `/v1/customers/${made.id}`);
    expect(JSON.parse(read.stdout)).toMatchObject({ id: made.id, email: 'a@example.com' });
    await cli.run('post', `/v1/customers/${made.id}`, '-d', 'metadata[key]=value');
    const listed = JSON.parse(
      (await cli.run('customers', 'list', '--limit', '1')).stdout,
    ) as Stripe.ApiList<Stripe.Customer>;
    expect(listed.data).toMatchObject([{ id: made.id, metadata: { key: 'value' } }]);
    await cli.run('delete', `/v1/customers/${made.id}`, '--confirm');
    const gone = await cli.run('customers', 'retrieve', made.id);
    expect(JSON.parse(gone.stdout)).toMatchObject({ id: made.id, deleted: true });
    const missing = await cli.run('customers', 'retrieve', 'cus_nobody');
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'resource_missing' } });
  });

  it('seeds an account from a fixtures file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quittance-cli-fixtures-'));
    const file = path.join(folder, 'seed.json');
    const fixtures = [
      { name: 'cap', path: '/v1/products', method: 'post', params: { name: 'Cap' } },
      {
        name: 'price',
        path: '/v1/prices',
        method: 'post',
        params: { product: '${cap:id}', currency: 'eur', unit_amount: 1500 },
      },
    ];
    writeFileSync(file, JSON.stringify({ _meta: { template_version: 0 }, fixtures }));
    expect(await cli.run('fixtures', file)).toMatchObject({ code: 0 });
    const { data } = await local.stripe.prices.list({ expand: ['data.product'] });
    expect(data).toMatchObject([{ unit_amount: 1500, product: { name: 'Cap' } }]);
    rmSync(folder, { recursive: true });
  });
});
