import { describe, expect, it } from 'vitest';
import type { Outbound } from '../../src/outbound/outbound.ts';
import { publicWhenJudged, useInnerSystem } from '../support/inner-system.ts';

const inner = useInnerSystem();

const codeOf = (code: string) => expect.objectContaining({ name: 'QuittanceError', code });

describe('a redirect', () => {
  const own = (): Outbound => inner.outbound({ allowPrivateNetwork: true });
  const to = (url: string, status = 302): string =>
    `http://127.0.0.1:${inner.port}/to?${new URLSearchParams({ url, status: String(status) }).toString()}`;

  it('is an answer like others, and not followed', async () => {
    const answer = await own().fetch(to('/elsewhere'));
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/elsewhere']);
    expect(inner.seen).toHaveLength(1);
  });

  it('is an error to who wants none', async () => {
    const call = own().fetch(to('/elsewhere'), { redirect: 'error' });
    await expect(call).rejects.toThrow(codeOf('outbound_redirect_refused'));
  });

  it('is followed on request, and keeps the key on the same origin only', async () => {
    const { fetch } = own();
    const headers = { authorization: 'Bearer key', cookie: 'a=b' };
    await fetch(to('/here'), { redirect: 'follow', headers });
    const there = `http://127.0.0.1:${inner.otherPort}/there`;
    expect((await fetch(to(there), { redirect: 'follow', headers })).status).toBe(200);
    expect(
      inner.seen.map(({ url, authorization, cookie }) => [url.split('?')[0], authorization, cookie]),
    ).toEqual([
      ['/to', 'Bearer key', 'a=b'],
      ['/here', 'Bearer key', 'a=b'],
      ['/to', 'Bearer key', 'a=b'],
      ['/there', null, null],
    ]);
  });

  it('takes the body along with 307, and makes a GET of a POST with 303', async () => {
    const { fetch } = own();
    for (const status of [307, 303]) {
      const body = new URLSearchParams({ a: '1' });
      await fetch(to('/here', status), { method: 'POST', body, redirect: 'follow' });
    }
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    expect(inner.seen.filter(({ url }) => url === '/here')).toMatchObject([
      { method: 'POST', body: 'a=1', type },
      { method: 'GET', body: '', type: null },
    ]);
  });

  it('is followed three times at most', async () => {
    const call = own().fetch(`http://127.0.0.1:${inner.port}/round`, { redirect: 'follow' });
    await expect(call).rejects.toThrow(codeOf('outbound_redirect_refused'));
    expect(inner.seen).toHaveLength(4);
  });

  it('to another scheme or with a password is refused', async () => {
    const { fetch } = own();
    for (const url of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://ann:pw@127.0.0.1/']) {
      const call = fetch(to(url), { redirect: 'follow' });
      await expect(call).rejects.toThrow(codeOf('outbound_url_invalid'));
    }
  });

  it('into our network is refused though the first address was let through', async () => {
    const { fetch } = inner.outbound({ lookup: publicWhenJudged() });
    const url = encodeURIComponent(`http://127.0.0.1:${inner.port}/inside`);
    const at = `http://trick.example:${inner.port}/to?status=302&url=${url}`;
    await expect(fetch(at, { redirect: 'follow' })).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(inner.seen.map(({ url }) => url.split('?')[0])).toEqual(['/to']);
  });
});
