import { beforeEach, describe, expect, it } from 'vitest';
import type { AppConnections } from '../../src/apps/context.ts';
import { TIMEOUT_MS, useStage } from '../support/connections.ts';
import { until } from '../support/quittance.ts';

const stage = useStage();
let connections: AppConnections;

beforeEach(async () => {
  // A process of its own: what others used up of the retries does not count.
  const parts = stage.withConnections({ files: stage.options });
  connections = parts.for((await stage.connected()).install);
});

const codeOf = (code: string) => expect.objectContaining({ name: 'QuittanceError', code });

let calls = 0;

/** Calls an address of the API that behaves so as many times as `fail` says, and well from then on. */
async function call(
  how: string,
  { fail = 2, method = 'GET', after, ...init }: RequestInit & { fail?: number; after?: string } = {},
): Promise<{ status: number; requests: number }> {
  calls += 1;
  const path = `/api/${calls}`;
  const query = new URLSearchParams({ how, fail: String(fail), ...(after ? { after } : {}) });
  const url = `${stage.service.url}${path}?${query.toString()}`;
  const { status } = await connections.fetch('files', url, { ...init, method });
  return { status, requests: stage.service.times(`${method} ${path}`) };
}

describe('a call that fails', () => {
  it.each(['500', '503', '429', 'reset'])('is made again where that does no harm: %s', async (how) => {
    expect(await call(how)).toEqual({ status: 200, requests: 3 });
  });

  it('is made three times at most, and its last answer is passed on', async () => {
    expect(await call('503', { fail: 3 })).toEqual({ status: 503, requests: 3 });
    await expect(call('reset', { fail: 3 })).rejects.toThrow(codeOf('outbound_unreachable'));
  });

  it('is made once when it could be done twice, or when our request is wrong', async () => {
    expect(await call('503', { method: 'POST' })).toEqual({ status: 503, requests: 1 });
    expect(await call('404')).toEqual({ status: 404, requests: 1 });
    expect(await call('503', { method: 'PUT', body: 'note' })).toEqual({ status: 200, requests: 3 });
  });

  it('is made again when the service says, if that is soon', async () => {
    const began = performance.now();
    expect(await call('429', { fail: 1, after: '1' })).toEqual({ status: 200, requests: 2 });
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(await call('429', { fail: 1, after: '60' })).toEqual({ status: 429, requests: 1 });
    const inAMinute = new Date(stage.clock.now() + 60_000).toUTCString();
    expect(await call('503', { fail: 1, after: inAMinute })).toEqual({ status: 503, requests: 1 });
    expect(await call('503', { fail: 1, after: 'soon' })).toEqual({ status: 200, requests: 2 });
  });

  it('is over when its time is over', async () => {
    const began = performance.now();
    await expect(call('silent')).rejects.toThrow(codeOf('outbound_timeout'));
    expect(performance.now() - began).toBeLessThan(2 * TIMEOUT_MS);
  });

  it('ends when who made it wants no answer any more', async () => {
    const stop = new AbortController();
    const ended = call('429', { after: '1', signal: stop.signal });
    const path = `GET /api/${calls}`;
    await until(async () => stage.service.times(path) === 1, 'the first answer');
    stop.abort(new Error('the user went away'));
    await expect(ended).rejects.toThrow('the user went away');
    expect(stage.service.times(path)).toBe(1);
  });
});

it('an outage is not made worse by us: retries are a fifth of the calls and ten more at most', async () => {
  const CALLS = 50;
  const all = await Promise.all(Array.from({ length: CALLS }, () => call('503', { fail: 1_000 })));
  const requests = stage.service.seen.filter((each) => each.startsWith('GET /api/')).length;
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([503]));
  expect(requests).toBeLessThanOrEqual(CALLS * 1.2 + 10);
  // The control: there were retries as long as there was a budget.
  expect(requests).toBeGreaterThanOrEqual(CALLS + 10);
});
