import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until } from '../support/quittance.ts';
import { LIMIT_BYTES, names, useInnerSystem } from '../support/inner-system.ts';

// Public by its form, and given to nobody (IANA, IPv6 global unicast).
const NOBODYS = '3000::1';
const inner = useInnerSystem();

const codeOf = (code: string) => expect.objectContaining({ name: 'QuittanceError', code });

describe('a call to our own network is refused', () => {
  const SPELLINGS = [
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]',
    '[::1]',
    '0',
    '①②⑦.0.0.1',
  ];
  it.each(SPELLINGS)('however the address is spelt: %s', async (host) => {
    const call = inner.outbound().fetch(`http://${host}:${inner.port}/`);
    await expect(call).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(inner.seen).toEqual([]);
  });

  it('by a name of it, as the system’s resolver has it', async () => {
    const call = inner.outbound().fetch(`http://localhost:${inner.port}/`);
    await expect(call).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(inner.seen).toEqual([]);
  });

  it('by a name that is public at first and private a moment later', async () => {
    const resolver = names([NOBODYS], ['127.0.0.1']);
    const { fetch } = inner.outbound({ lookup: resolver.lookup, timeoutMs: 300 });
    await expect(fetch(`http://rebind.example:${inner.port}/`)).rejects.toThrow(
      /not be reached|no whole answer/,
    );
    await expect(fetch(`http://rebind.example:${inner.port}/`)).rejects.toThrow(
      codeOf('outbound_address_refused'),
    );
    expect(resolver.asked()).toBe(2);
    expect(inner.seen).toEqual([]);
  });

  it('by a name with one private address among public ones', async () => {
    const { lookup } = names(['93.184.216.34', '::ffff:10.0.0.1']);
    const call = inner.outbound({ lookup }).fetch('http://mixed.example/');
    await expect(call).rejects.toThrow(codeOf('outbound_address_refused'));
  });

  it('and let through where the operator allows it', async () => {
    const { lookup } = names(['127.0.0.1']);
    const { fetch } = inner.outbound({ lookup, allowPrivateNetwork: true });
    expect(await (await fetch(`http://own.example:${inner.port}/`)).text()).toBe('hello');
    expect(await (await fetch(`http://127.1:${inner.port}/`)).text()).toBe('hello');
    expect(inner.seen).toHaveLength(2);
  });
});

describe('a call', () => {
  const at = (path: string): string => `http://127.0.0.1:${inner.port}${path}`;

  it.each([
    ['ftp://example.com/', /scheme/],
    ['http://ann@example.com/', /user name/],
    ['//example.com', /not a URL/],
  ])('to %s is refused before anything is sent', async (url, words) => {
    await expect(inner.outbound().fetch(url)).rejects.toThrow(codeOf('outbound_url_invalid'));
    await expect(inner.outbound().fetch(url)).rejects.toThrow(words);
  });

  it.each(['/silent', '/stalls'])('to who never comes to an end is given up in time: %s', async (path) => {
    const { fetch } = inner.outbound({ allowPrivateNetwork: true, timeoutMs: 150 });
    await expect(fetch(at(path))).rejects.toThrow(codeOf('outbound_timeout'));
  });

  it('ends with the reason of its signal', async () => {
    const { fetch } = inner.outbound({ allowPrivateNetwork: true });
    const stop = new AbortController();
    const call = fetch(at('/silent'), { signal: stop.signal });
    stop.abort(new Error('the user went away'));
    await expect(call).rejects.toThrow('the user went away');
  });

  it('is cut off a second after everything is to be closed', async () => {
    const outbound = inner.outbound({ allowPrivateNetwork: true, timeoutMs: 30_000 });
    const call = outbound.fetch(at('/silent')).catch((error: unknown) => error);
    await until(async () => inner.seen.length > 0, 'the call to arrive');
    await outbound.close();
    expect(await call).toEqual(codeOf('outbound_unreachable'));
  });

  it('to nobody says so without the path', async () => {
    const { fetch } = inner.outbound({ allowPrivateNetwork: true });
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((resolve) => gone.close(resolve));
    const error: unknown = await fetch(`http://${host}/secret-path`).catch((thrown: unknown) => thrown);
    expect(error).toEqual(codeOf('outbound_unreachable'));
    expect(String(error)).toBe(`QuittanceError: ${host} could not be reached (ECONNREFUSED).`);
  });

  it('reads answers up to the limit, counted as they are unpacked', async () => {
    const { fetch } = inner.outbound({ allowPrivateNetwork: true });
    const answer = await fetch(at(`/packed?bytes=${LIMIT_BYTES}`));
    expect((await answer.arrayBuffer()).byteLength).toBe(LIMIT_BYTES);
    expect(answer.headers.get('content-encoding')).toBeNull();
    const tooLong = fetch(at(`/packed?bytes=${LIMIT_BYTES + 1}`));
    await expect(tooLong).rejects.toThrow(codeOf('outbound_answer_too_large'));
  });

  it('takes what fetch takes, and answers with the platform’s Response', async () => {
    const { fetch } = inner.outbound({ allowPrivateNetwork: true });
    const form = new FormData();
    form.set('name', 'Ann');
    const answer = await fetch(new Request(at('/form'), { method: 'PUT', body: form }));
    expect(answer).toBeInstanceOf(Response);
    expect(inner.seen[0]).toMatchObject({ method: 'PUT', type: expect.stringContaining('boundary') });
    expect(inner.seen[0]?.body).toContain('Ann');
  });
});
