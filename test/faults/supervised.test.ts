import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Supervisor } from '../../src/cli/supervise.ts';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import {
  detailOf,
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  putEvents,
  untilDone,
} from '../support/effects.ts';
import { WEBHOOK_SECRET } from '../support/events.ts';
import { SECRET, until } from '../support/quittance.ts';
import { freePort } from '../support/server-process.ts';

// A server of two processes is started, one of them twice, and the death waited for.
const TEST_MS_MAX = 120_000;
// Short only where silence is what is waited for: on a busy machine every process is silent now and then.
const SILENT_MS_MAX = { loops: 5_000, others: 20_000 };

// What no handler can be kept from doing by the process it does it in.
const CONFIG = `export default {
  handlers: { 'customer.updated': async ({ event, object, sql }) => {
    await sql\`insert into public.effect (event, object) values (\${event.id}, \${object.id})\`;
    const tried = await sql\`
      select from quittance.failure f join quittance.event e on e.seq = f.seq where e.id = \${event.id}\`;
    if (tried.length > 0) return;
    if (object.note === 'loops') for (;;);
    if (object.note === 'exits') process.exit(3);
    if (object.note === 'rejects later') setImmediate(() => Promise.reject(new Error('nobody is there')));
    if (object.note === 'fills memory') for (const all = [];;) all.push(new Array(1e6).fill(all.length));
    if (object.note) await new Promise((resolve) => setTimeout(resolve, 3000));
  } },
};`;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

/** The two processes of a server in a folder of their own, and the deaths of the one that works. */
async function supervised(silentMsMax: number): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'quittance-supervised-'));
  writeFileSync(path.join(folder, 'quittance.config.mjs'), CONFIG);
  const deaths: string[] = [];
  const supervisor = new Supervisor({
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: '--max-old-space-size=256',
      DATABASE_URL: url,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      QUITTANCE_SECRET: SECRET,
      PORT: String(await freePort()),
      LOG_LEVEL: 'silent',
    },
    cwd: folder,
    silentMsMax,
    onDeath: (role, reason) => deaths.push(`${role}: ${reason}`),
  });
  onTestFinished(async () => {
    await supervisor.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await supervisor.start();
  return deaths;
}

describe('case 28: a handler that takes its process along', { timeout: TEST_MS_MAX }, () => {
  it.each([
    ['loops', 'loops for ever', 'work: SIGKILL'],
    ['exits', 'calls process.exit', 'work: exit status 3'],
    ['rejects later', 'leaves a rejection that nobody handles', 'work: exit status 1'],
    ['fills memory', 'fills the memory', 'work: SIGABRT'],
  ])('%s: it %s; the others are done, it is tried again, alone', async (note, _, death) => {
    const deaths = await supervised(SILENT_MS_MAX[note === 'loops' ? 'loops' : 'others']);
    const bad = eventOf(`cus_${note}`, { note });
    const others = eventsApart(30, `cus_beside ${note}`);
    await putEvents(database, [...others.slice(0, 15), bad, ...others.slice(15)]);
    await untilDone(database, others);
    await untilDone(database, [bad]);
    expect(deaths.length).toBeGreaterThanOrEqual(1);
    expect(new Set(deaths)).toEqual(new Set([death]));
    const all = [...others, bad];
    const effects = await effectsOf(database, all);
    expect(effects.map(({ event }) => event).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    const detail = await until(async () => detailOf(database, bad), 'its detail');
    expect(detail.status).toBe('done');
    expect(detail.failures[0]?.error).toBe('the process died while it had this event in hand');
  });
});
