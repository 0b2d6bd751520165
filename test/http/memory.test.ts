import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, sign } from '../support/events.ts';
import { postWebhook, until } from '../support/quittance.ts';
import { chunked, RawConnection, webhookHead } from '../support/raw-http.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';

const CROWD = 1_000;
// Without a common budget it grew by 950 MB here, with it by 120.
const GROWTH_BYTES_MAX = 250 * 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, 'x');
const HEAD = webhookHead({ 'transfer-encoding': 'chunked', 'stripe-signature': sign('x') });

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function memory({ url: base }: ServerProcess): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\{role="web"\} (\d+)/m.exec(text)?.[1]);
}

async function startWarm(): Promise<ServerProcess> {
  const server = await startServer({ databaseUrl: url });
  await server.ready;
  await Promise.all(Array.from({ length: 50 }, () => postWebhook(server.url, makeEvent())));
  return server;
}

/** Sends the same bytes on many connections and returns by how much memory grew until `isDone`. */
async function growthWith(
  server: ServerProcess,
  bytes: Buffer,
  isDone: (crowd: RawConnection[]) => boolean,
): Promise<{ crowd: RawConnection[]; growth: number }> {
  const before = await memory(server);
  const crowd = Array.from({ length: CROWD }, () => new RawConnection(server.url).send(HEAD, bytes));
  let peak = 0;
  await until(async () => {
    peak = Math.max(peak, await memory(server));
    return isDone(crowd);
  }, 'the crowd to be served');
  return { crowd, growth: peak - before };
}

const answered = (crowd: RawConnection[], status: number): number =>
  crowd.filter((raw) => raw.statuses[0] === status).length;

describe('case 10: a thousand at once, each just what one may be', () => {
  it('that never end stay within a fixed memory, and small events still pass', async () => {
    const server = await startWarm();
    const unended = chunked(Array<Buffer>(14).fill(PIECE), { end: false });
    const { crowd, growth } = await growthWith(server, unended, (all) => answered(all, 503) > CROWD * 0.9);
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
    expect((await postWebhook(server.url, makeEvent())).status).toBe(200);
    // Control: there is no room left for a large one, and there is when the crowd has gone.
    const large = makeEvent({ data: { object: { id: 'cus_large', text: 'x'.repeat(900_000) } } });
    expect((await postWebhook(server.url, large)).status).toBe(503);
    for (const raw of crowd) raw.reset();
    await until(async () => (await postWebhook(server.url, large)).status === 200, 'room for a large event');
  });

  it('that go beyond it are cut off, and nothing of them is stored', async () => {
    const server = await startWarm();
    const endless = chunked(Array<Buffer>(20).fill(PIECE));
    const isDone = (all: RawConnection[]): boolean => all.every((raw) => raw.isClosed);
    const { crowd, growth } = await growthWith(server, endless, isDone);
    expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
    // Control: some got as far as their limit; the others found no room, as many as came at one moment.
    expect(answered(crowd, 413)).toBeGreaterThan(0);
    expect(answered(crowd, 413) + answered(crowd, 503)).toBe(CROWD);
    const bodies = await database.sql`select from quittance.event where body like 'xx%'::bytea`;
    expect(bodies).toEqual([]);
  });
});
