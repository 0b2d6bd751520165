import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Stripe from 'stripe';
import { startSimulator, type Simulator } from 'quittance/simulator';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkAsStranger, runAsStranger } from './support/stranger.ts';

// The simulator as somebody else uses it in their own tests: by the door of the package, and nothing else.

const running: Simulator[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((sim) => sim.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function start(options?: Parameters<typeof startSimulator>[0]): Promise<Simulator> {
  const sim = await startSimulator(options);
  running.push(sim);
  return sim;
}

function client({ host, port }: Simulator): Stripe {
  return new Stripe('sk_test_mine', { host, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });
}

function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'quittance-door-'));
  folders.push(folder);
  return folder;
}

describe('the package, in somebody else’s project', () => {
  interface Report {
    startedMs: number;
    customer: string;
    refused: string;
    refusedLater: string;
    movedBy: number;
  }
  let report: Report;

  beforeAll(async () => {
    report = JSON.parse(await runAsStranger(STRANGER)) as Report;
  });

  it('starts in less than a second', () => {
    expect(report.startedMs).toBeLessThan(1_000);
  });

  it('answers the real client, fails on demand, moves its time, and lets the process end', () => {
    expect(report).toMatchObject({ refused: 'rate_limit', refusedLater: 'resource_missing' });
    expect(report.customer).toMatch(/^cus_/);
    expect(report.movedBy).toBeGreaterThanOrEqual(86_400_000);
  });

  it('is required by CommonJS as well', async () => {
    const said = await runAsStranger(
      `const { startSimulator } = require('quittance/simulator');
       startSimulator().then(async (sim) => {
         console.log((await fetch(sim.url + '/v1/customers')).status);
         await sim.close();
       });`,
      'mine.cjs',
    );
    expect(said.trim()).toBe('401');
  });

  it('has types that hold, and that know what a fault is', async () => {
    const code = (kind: string): string => `
      import { startSimulator, type Fault, type Simulator } from 'quittance/simulator';
      const sim: Simulator = await startSimulator({ seed: 'text' });
      const fault: Fault = { kind: '${kind}', times: 1 };
      const id: string = sim.faults.add(fault);
      sim.faults.clear(id);
      await sim.clock.advance(1);
      await sim.close();`;
    expect(await checkAsStranger(code('decline'))).toBe('');
    await expect(checkAsStranger(code('declin'))).rejects.toThrow('is not assignable to type');
  });
});

const STRANGER = `
  import { startSimulator } from 'quittance/simulator';
  import Stripe from 'stripe';

  const before = performance.now();
  const sim = await startSimulator({ seed: 7 });
  const startedMs = performance.now() - before;
  const { hostname: host, port } = new URL(sim.url);
  const stripe = new Stripe('sk_test_mine', { host, port, protocol: 'http', maxNetworkRetries: 0 });
  const customer = await stripe.customers.create({ name: 'Ada' });
  sim.faults.add({ kind: 'rate_limit', times: 1 });
  const codeOf = (call) => call.then(() => 'none', (error) => error.code);
  const refused = await codeOf(stripe.customers.list());
  const refusedLater = await codeOf(stripe.customers.retrieve('cus_nobody'));
  const noon = sim.clock.now();
  await sim.clock.advance(24 * 3600);
  const movedBy = sim.clock.now() - noon;
  await sim.close();
  console.log(JSON.stringify({ startedMs, customer: customer.id, refused, refusedLater, movedBy }));
`;

describe('startSimulator', () => {
  it('makes the same ids for the same seed, and others for another', async () => {
    const ids = await Promise.all(
      [1, 1, 2].map(async (seed) => (await client(await start({ seed })).customers.create()).id),
    );
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('takes a free port, so that many may run at once, each with a state of its own', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.url).not.toBe(two.url);
    const { id } = await client(one).customers.create();
    await expect(client(two).customers.retrieve(id)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('says which port is taken', async () => {
    const { port } = await start();
    await expect(startSimulator({ port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(String(port)) as string,
    });
  });

  it('keeps its state in a folder when it is given one, and otherwise writes nothing', async () => {
    const dataDir = path.join(emptyFolder(), 'state');
    const first = await startSimulator({ dataDir });
    const { id } = await client(first).customers.create({ name: 'Ada' });
    await first.clock.advance(3_600);
    const then = first.clock.now();
    await first.close();
    const second = await start({ dataDir });
    expect(await client(second).customers.retrieve(id)).toMatchObject({ name: 'Ada' });
    expect(second.clock.now()).toBeGreaterThanOrEqual(then);
    expect(existsSync(dataDir) && readdirSync(dataDir)).toContain('simulator.ndjson');
  });

  it('lists faults, takes one back or all, and forgets them with everything else', async () => {
    const sim = await start();
    const slow = sim.faults.add({ kind: 'slow', ms: 5 });
    sim.faults.add({ kind: 'decline', times: 1, decline_code: 'lost_card' });
    sim.faults.clear(slow);
    expect(sim.faults.list()).toMatchObject([{ kind: 'decline', decline_code: 'lost_card' }]);
    const { id } = await client(sim).customers.create();
    await sim.reset();
    expect(sim.faults.list()).toEqual([]);
    await expect(client(sim).customers.retrieve(id)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('refuses connections once it is closed', async () => {
    const sim = await startSimulator();
    await sim.close();
    await expect(fetch(sim.url)).rejects.toThrow('fetch failed');
  });
});
