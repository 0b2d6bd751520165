import { describe, expect, it } from 'vitest';
import { firebaseSink } from '../../src/sinks/firebase.ts';
import type { SinkDelivery } from '../../src/sinks/delivery.ts';
import { sinksSchema } from '../../src/sinks/settings.ts';

/** What the sink writes, and where. The real client is tried by `npm run test:firebase`. */
async function written(event: Record<string, unknown>, more: Partial<SinkDelivery> = {}, path?: string) {
  const writes: { place: string; value: unknown }[] = [];
  const database = {
    ref: (place: string) => ({ set: async (value: unknown) => void writes.push({ place, value }) }),
  };
  const sink = firebaseSink({ database, events: ['*'], ...(path === undefined ? {} : { path }) });
  const delivery = {
    id: 'msg_1',
    type: 'x',
    timestamp: '2026-11-21T06:00:00.000Z',
    account: null,
    livemode: false,
    attempt: 1,
    signal: AbortSignal.timeout(1_000),
    event,
    ...more,
  };
  await sink.deliver?.(delivery);
  return writes[0] as { place: string; value: unknown };
}

describe('the Firebase sink', () => {
  it('is a sink', () => {
    const database = { ref: () => ({ set: async () => {} }) };
    expect(sinksSchema.parse([firebaseSink({ database, events: ['*'] })])[0]).toMatchObject({
      name: 'firebase',
    });
  });

  it('writes an event to the same place each time, and every event to a place of its own', async () => {
    const places = new Set<string>();
    for (const attempt of [1, 2]) places.add((await written({ id: 'evt_1' }, { attempt })).place);
    expect(places.size).toBe(1);
    places.add((await written({ id: 'evt_2' })).place);
    places.add((await written({ id: 'evt_1' }, { account: 'acct_1' })).place);
    expect(places.size).toBe(3);
    for (const place of places) expect(place).toMatch(/^\/events\/[-0-9A-Z_a-z]{20}$/);
  });

  it('sorts them by time, as push ids of the same time would', async () => {
    const times = ['2013-05-10T00:00:00.000Z', '2026-11-21T05:59:59.000Z', '2026-11-21T06:00:00.000Z'];
    const places = await Promise.all(
      times.map(async (timestamp) => (await written({ id: timestamp }, { timestamp })).place),
    );
    expect([...places].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(places);
  });

  it('writes keys that Realtime Database would refuse in another form', async () => {
    const { value, place } = await written(
      { id: 'evt_1', metadata: { 'a.b/c[0]': 'x', '100%': [{ $v: 1 }], '#': null, '': 2 } },
      {},
      '/stripe/live',
    );
    expect(place).toMatch(/^\/stripe\/live\//);
    expect(value).toEqual({
      id: 'evt_1',
      metadata: { 'a%2Eb%2Fc%5B0%5D': 'x', '100%25': [{ '%24v': 1 }], '%23': null, '%': 2 },
    });
    for (const path of ['', '/', 'events', '/a.b', '/a/', '/a//b']) {
      await expect(written({ id: 'x' }, {}, path)).rejects.toMatchObject({ code: 'invalid_options' });
    }
  });
});
