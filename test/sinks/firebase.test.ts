import { describe, expect, it } from 'vitest';
import { firebaseSink } from '../../src/sinks/firebase.ts';
import { sinksSchema } from '../../src/sinks/settings.ts';

/** What the sink writes, and where. The real client is tried by `npm run test:firebase`. */
async function written(fields: Record<string, unknown>, path?: string) {
  const event = { created: 1_795_240_800, ...fields };
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
    for (let n = 0; n < 2; n += 1) places.add((await written({ id: 'evt_1' })).place);
    expect(places.size).toBe(1);
    places.add((await written({ id: 'evt_2' })).place);
    places.add((await written({ id: 'evt_1', account: 'acct_1' })).place);
    expect(places.size).toBe(3);
    for (const place of places) expect(place).toMatch(/^\/events\/[-0-9A-Z_a-z]{20}$/);
  });

  it('sorts them by time, as push ids of the same time would', async () => {
    // The last is of a thin event.
    const times = [1_368_144_000, 1_795_240_799, 1_795_240_800, '2026-11-21T06:00:00.001Z'];
    const places = await Promise.all(
      times.map(async (created) => (await written({ id: 'x', created })).place),
    );
    expect([...places].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(places);
  });

  it('writes keys that Realtime Database would refuse in another form', async () => {
    const { value, place } = await written(
      { id: 'evt_1', metadata: { 'a.b/c[0]': 'x', '100%': [{ $v: 1 }], '#': null, '': 2 } },
      '/stripe/live',
    );
    expect(place).toMatch(/^\/stripe\/live\//);
    expect(value).toEqual({
      created: 1_795_240_800,
      id: 'evt_1',
      metadata: { 'a%2Eb%2Fc%5B0%5D': 'x', '100%25': [{ '%24v': 1 }], '%23': null, '%': 2 },
    });
    await expect(written({ id: 'x', created: null })).rejects.toMatchObject({ code: 'not_an_event' });
    for (const path of ['', '/', 'events', '/a.b', '/a/', '/a//b']) {
      await expect(written({ id: 'x' }, path)).rejects.toMatchObject({ code: 'invalid_options' });
    }
  });
});
