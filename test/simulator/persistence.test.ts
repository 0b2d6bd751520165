import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Stripe from 'stripe';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { refusal, startLocal } from './support/simulator.ts';

// What `npm run build` made: a process of its own, so that it can be killed.
const BUILT = new URL('../../dist/simulator/index.js', import.meta.url).href;

let dataDir = '';
const processes: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'simulator-'));
});
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

async function startProcess(): Promise<{ child: ChildProcess; stripe: Stripe }> {
  const script = `
    import { startSimulator } from ${JSON.stringify(BUILT)};
    const sim = await startSimulator({ port: 0, dataDir: ${JSON.stringify(dataDir)} });
    console.log(sim.port);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const options = { host: '127.0.0.1', port: line, protocol: 'http', telemetry: false } as const;
    return { child, stripe: new Stripe('sk_test_x', options) };
  }
  throw new Error('the simulator did not start');
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

it('everything that was answered survives kill -9, idempotency keys and planned work included', async () => {
  const first = await startProcess();
  const paid = await first.stripe.paymentIntents.create(
    { amount: 500, currency: 'usd', payment_method: 'pm_card_visa', confirm: true },
    { idempotencyKey: 'once' },
  );
  const debit = await first.stripe.paymentIntents.create({
    amount: 500,
    currency: 'eur',
    confirm: true,
    payment_method_data: {
      type: 'sepa_debit',
      sepa_debit: { iban: 'AT321904300235473204' },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    },
  });
  await kill(first.child);
  const { sim, stripe } = await startLocal({ dataDir });
  expect((await stripe.paymentIntents.retrieve(paid.id)).status).toBe('succeeded');
  expect((await stripe.events.list({ type: 'payment_intent.succeeded' })).data).toHaveLength(1);
  const again = await stripe.paymentIntents.create(
    { amount: 500, currency: 'usd', payment_method: 'pm_card_visa', confirm: true },
    { idempotencyKey: 'once' },
  );
  expect(again.id).toBe(paid.id);
  expect((await stripe.paymentIntents.retrieve(debit.id)).status).toBe('processing');
  await sim.clock.advance(200);
  expect((await stripe.paymentIntents.retrieve(debit.id)).status).toBe('succeeded');
  await sim.close();
});

it('an event that was on its way is sent again after the restart', async () => {
  const receiver = await Receiver.start();
  const first = await startProcess();
  let release = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (release = resolve));
  receiver.answer = () => {
    release();
    return { status: 0 };
  };
  const { secret } = await first.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] });
  receiver.secrets = [secret ?? ''];
  await first.stripe.customers.create();
  await arrived;
  await kill(first.child);
  receiver.answer = () => ({ status: 200 });
  const { sim, stripe } = await startLocal({ dataDir });
  await sim.deliveriesSettled();
  expect(receiver.types).toEqual(['customer.created', 'customer.created']);
  expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1);
  await sim.close();
  receiver.close();
});

it('a line torn by the kill is left out, and what follows it is kept', async () => {
  const first = await startLocal({ dataDir });
  await first.stripe.customers.create({ name: 'whole' });
  await first.sim.close();
  appendFileSync(
    path.join(dataDir, 'simulator.ndjson'),
    '[["acct_1Quittance000000",0,"customer","cus_torn",{"id":',
  );
  const second = await startLocal({ dataDir });
  await second.stripe.customers.create({ name: 'later' });
  await second.sim.close();
  const third = await startLocal({ dataDir });
  expect((await third.stripe.customers.list()).data.map(({ name }) => name)).toEqual(['later', 'whole']);
  await third.sim.close();
});

it('the clock goes on where it was', async () => {
  const first = await startLocal({ dataDir });
  await first.sim.clock.advance(10 * 24 * 3600);
  const before = first.sim.clock.now();
  await first.sim.close();
  const second = await startLocal({ dataDir });
  expect(second.sim.clock.now()).toBeGreaterThanOrEqual(before);
  expect(second.sim.clock.now() - before).toBeLessThan(60_000);
  await second.sim.close();
});

it('the log is compacted at the start once most of it is outdated', async () => {
  const first = await startLocal({ dataDir });
  const { id } = await first.stripe.customers.create({ name: 'v0' });
  for (let n = 1; n <= 50; n += 1) await first.stripe.customers.update(id, { metadata: { n } });
  await first.sim.reset();
  await first.stripe.customers.create({ name: 'alone' });
  await first.sim.close();
  const before = readFileSync(path.join(dataDir, 'simulator.ndjson')).length;
  const second = await startLocal({ dataDir });
  expect((await second.stripe.customers.list()).data.map(({ name }) => name)).toEqual(['alone']);
  await second.sim.close();
  expect(readFileSync(path.join(dataDir, 'simulator.ndjson')).length).toBeLessThan(before / 5);
});

it('a second simulator on the same folder is refused while the first one lives', async () => {
  const { child } = await startProcess();
  await expect(startLocal({ dataDir })).rejects.toMatchObject({ code: 'simulator_data_in_use' });
  await kill(child);
  const { sim } = await startLocal({ dataDir });
  await sim.close();
});

it('a folder is free of one that was killed and not waited for, or whose number is reused', async () => {
  // `sleep` takes the place of the shell and never asks what became of the child.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
  for (const holder of [`${pid} `, `${parent.pid} 1`]) {
    writeFileSync(path.join(dataDir, 'simulator.lock'), holder);
    const { sim } = await startLocal({ dataDir });
    await sim.close();
  }
  // Control: one that lives does.
  writeFileSync(path.join(dataDir, 'simulator.lock'), `${parent.pid} `);
  await expect(startLocal({ dataDir })).rejects.toMatchObject({ code: 'simulator_data_in_use' });
  rmSync(path.join(dataDir, 'simulator.lock'));
});

it('a taken port is an error that says what to do, and without a folder nothing is kept', async () => {
  const first = await startLocal();
  await first.stripe.customers.create();
  await expect(startLocal({ port: first.sim.port })).rejects.toMatchObject({ code: 'port_taken' });
  await first.sim.close();
  const second = await startLocal();
  expect((await second.stripe.customers.list()).data).toEqual([]);
  expect((await refusal(second.stripe.customers.retrieve('cus_x'))).statusCode).toBe(404);
  await second.sim.close();
});

it('a seeded simulator makes new ids when it comes back, and its pages move with its port', async () => {
  const first = await startLocal({ dataDir, seed: 'seven' });
  const before = await first.stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'usd',
    success_url: 'https://shop.example',
  });
  const { id } = await first.stripe.customers.create();
  await first.sim.close();
  const second = await startLocal({ dataDir, seed: 'seven' });
  expect((await second.stripe.customers.create()).id).not.toBe(id);
  const { url } = await second.stripe.checkout.sessions.retrieve(before.id);
  expect(url).toBe(`${second.sim.url}/c/pay/${before.id}`);
  await second.sim.close();
});
