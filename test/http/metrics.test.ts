import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Supervisor } from '../../src/cli/supervise.ts';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { untilDone } from '../support/effects.ts';
import { makeEvent, WEBHOOK_SECRET } from '../support/events.ts';
import { postWebhook, runQuittance, SECRET, until } from '../support/quittance.ts';
import { freePort } from '../support/server-process.ts';

// `exits` ends its process the first time only, and not before what was counted has been told.
const CONFIG = `import { writeFileSync } from 'node:fs';
writeFileSync(process.argv[process.argv.indexOf('--role') + 1], String(process.pid));
export default {
  handlers: { 'customer.updated': async ({ event, object, sql }) => {
    if (object.name === 'no hope') return { kind: 'give_up', why: 'there is no hope' };
    const tried = await sql\`
      select from quittance.failure f join quittance.event e on e.seq = f.seq where e.id = \${event.id}\`;
    if (object.name === 'exits' && tried.length === 0) process.exit(3);
  } },
};`;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

interface Server {
  url: string;
  deaths: string[];
  pidOf: (role: 'web' | 'work') => number;
}

/** The two processes of a server, as `dev` and `start` run them. */
async function supervised(): Promise<Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'quittance-metrics-'));
  writeFileSync(path.join(folder, 'quittance.config.mjs'), CONFIG);
  const port = await freePort();
  const deaths: string[] = [];
  const supervisor = new Supervisor({
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: url,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      QUITTANCE_SECRET: SECRET,
      PORT: String(port),
      LOG_LEVEL: 'silent',
    },
    cwd: folder,
    onDeath: (role) => deaths.push(role),
  });
  onTestFinished(async () => {
    await supervisor.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await supervisor.start();
  const pidOf = (role: string): number => Number(readFileSync(path.join(folder, role), 'utf8'));
  return { url: `http://127.0.0.1:${port}`, deaths, pidOf };
}

async function metricsOf(server: { url: string }): Promise<string> {
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return response.text();
}

/** The value of one line of the text format; 0 when there is none. */
function valueOf(text: string, line: string): number {
  const found = text.split('\n').filter((each) => each.startsWith(`${line} `));
  expect(found.slice(1)).toEqual([]); // a line twice is no valid text
  return Number(found[0]?.slice(line.length) ?? 0);
}

const customer = (name: string): ReturnType<typeof makeEvent> =>
  makeEvent({ data: { object: { id: `cus_${name.replace(' ', '_')}`, object: 'customer', name } } });

const HANDLED = 'quittance_events_handled_total{outcome="done"}';
const DEAD = 'quittance_events_handled_total{outcome="dead"}';
const ALARMS = 'quittance_alarms_total{alarm="event_dead"}';
const UNHANDLED = 'quittance_events_unhandled_total';
const STORED = 'quittance_events_stored_total';

async function untilShown(server: Server, line: string, value: number): Promise<string> {
  return until(async () => {
    const text = await metricsOf(server);
    return valueOf(text, line) === value && text;
  }, `${line} ${value}`);
}

describe('/metrics of a server of two processes', () => {
  it('shows what the work process did, and goes on counting when that is restarted', async () => {
    const server = await supervised();
    await postWebhook(server.url, customer('good'));
    await postWebhook(server.url, customer('no hope'));
    const unhandled = makeEvent({ type: 'product.created', data: { object: { id: 'prod_1' } } });
    await postWebhook(server.url, unhandled);
    await untilShown(server, HANDLED, 1);
    await untilShown(server, DEAD, 1);
    const text = await untilShown(server, UNHANDLED, 1);
    const lines = [HANDLED, DEAD, ALARMS, UNHANDLED, STORED];
    expect(lines.map((line) => valueOf(text, line))).toEqual([1, 1, 1, 1, 3]);

    const seen: number[] = [];
    const exits = customer('exits');
    await postWebhook(server.url, exits);
    await until(async () => {
      seen.push(valueOf(await metricsOf(server), HANDLED));
      return server.deaths.length > 0 && seen.at(-1) === 2;
    }, 'the event to be handled after the restart');
    expect(server.deaths).toEqual(['work']);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBe(1);
    await untilDone(database, [exits]);
    const after = await metricsOf(server);
    expect(lines.map((line) => valueOf(after, line))).toEqual([2, 1, 1, 1, 4]);
  });

  it('goes on counting when the web process is restarted', async () => {
    const server = await supervised();
    await postWebhook(server.url, customer('web'));
    const before = await untilShown(server, HANDLED, 1);
    expect(valueOf(before, STORED)).toBe(1);
    process.kill(server.pidOf('web'), 'SIGKILL');
    await until(async () => server.deaths.length > 0, 'its death');
    // The first answer of the new process, before it could count or hear anything again.
    const first = await until(async () => metricsOf(server).catch(() => null), 'an answer');
    expect([HANDLED, STORED].map((line) => valueOf(first, line))).toEqual([1, 1]);
    await postWebhook(server.url, customer('web again'));
    const after = await untilShown(server, HANDLED, 2);
    expect(valueOf(after, STORED)).toBe(2);
  });

  it('keeps the memory of each apart, and all of it in the text format', async () => {
    const server = await supervised();
    const text = await until(async () => {
      const shown = await metricsOf(server);
      return shown.includes('process_resident_memory_bytes{role="work"}') && shown;
    }, 'the memory of the work process');
    for (const name of ['process_resident_memory_bytes', 'process_start_time_seconds']) {
      for (const role of ['web', 'work']) expect(valueOf(text, `${name}{role="${role}"}`)).toBeGreaterThan(0);
      expect(text).not.toContain(`\n${name} `);
    }
    const wrong = text
      .split('\n')
      .filter((line) => line !== '' && !/^(# (HELP|TYPE) |\w+(\{[^}]*\})? -?[\d.]+(e[+-]?\d+)?$)/.test(line));
    expect(wrong).toEqual([]);
  });
});

it('of a Quittance in one process has no role', async () => {
  const { url: base, post } = await runQuittance(url, { handlers: { 'customer.updated': () => {} } });
  await post(customer('mounted'));
  const text = await until(async () => {
    const shown = await metricsOf({ url: base });
    return valueOf(shown, HANDLED) === 1 && shown;
  }, 'the event to be counted');
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(text).toMatch(/^quittance_store_batch_events_bucket\{le="\+Inf"\} 1$/m);
  expect(text).not.toContain('role=');
});
