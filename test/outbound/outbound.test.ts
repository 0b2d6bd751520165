import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Outbound, type OutboundOptions } from '../../src/outbound/outbound.ts';

const LIMIT_BYTES = 64 * 1024;
// Public by its form, and given to nobody (IANA, IPv6 global unicast).
const NOBODYS = '3000::1';

interface Seen {
  method: string;
  url: string;
  authorization: string | null;
  cookie: string | null;
  type: string | null;
  body: string;
}

// A system next to ours that must not hear of anything, and lets itself be heard when it does.
let server: Server;
let port: number;
let other: Server;
let seen: Seen[] = [];

const handle: RequestListener = (request, answer) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    const { authorization = null, cookie = null, 'content-type': type = null } = headers;
    seen.push({ method, url, authorization, cookie, type, body: Buffer.concat(chunks).toString() });
    const { pathname, searchParams } = new URL(url, 'http://here');
    const location = searchParams.get('url') ?? '';
    if (pathname === '/silent') return;
    if (pathname === '/stalls') answer.writeHead(200).write('beginning');
    else if (pathname === '/to') answer.writeHead(Number(searchParams.get('status')), { location }).end();
    else if (pathname === '/round') answer.writeHead(302, { location: '/round' }).end();
    else if (pathname === '/packed') {
      const body = gzipSync(Buffer.alloc(Number(searchParams.get('bytes'))));
      answer.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    } else answer.writeHead(200).end('hello');
  });
};

beforeAll(async () => {
  server = createServer(handle);
  other = createServer(handle);
  for (const each of [server, other]) {
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
  }
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  for (const each of [server, other]) {
    each.closeAllConnections();
    await new Promise((resolve) => each.close(resolve));
  }
});

function outbound(options: Partial<OutboundOptions> = {}): Outbound {
  const made = new Outbound({ timeoutMs: 5_000, answerBytesMax: LIMIT_BYTES, ...options });
  seen = [];
  onTestFinished(() => made.close());
  return made;
}

/** A resolver that gives these answers in turn, the last one for ever. */
function names(...answers: string[][]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_name, { all }, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { lookup, asked: () => asked };
}

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
    const call = outbound().fetch(`http://${host}:${port}/`);
    await expect(call).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(seen).toEqual([]);
  });

  it('by a name of it, as the system’s resolver has it', async () => {
    const call = outbound().fetch(`http://localhost:${port}/`);
    await expect(call).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(seen).toEqual([]);
  });

  it('by a name that is public at first and private a moment later', async () => {
    const resolver = names([NOBODYS], ['127.0.0.1']);
    const { fetch } = outbound({ lookup: resolver.lookup, timeoutMs: 300 });
    await expect(fetch(`http://rebind.example:${port}/`)).rejects.toThrow(/not be reached|no whole answer/);
    await expect(fetch(`http://rebind.example:${port}/`)).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(resolver.asked()).toBe(2);
    expect(seen).toEqual([]);
  });

  it('by a name with one private address among public ones', async () => {
    const { lookup } = names(['93.184.216.34', '::ffff:10.0.0.1']);
    const call = outbound({ lookup }).fetch('http://mixed.example/');
    await expect(call).rejects.toThrow(codeOf('outbound_address_refused'));
  });

  it('and let through where the operator allows it', async () => {
    const { lookup } = names(['127.0.0.1']);
    const { fetch } = outbound({ lookup, allowPrivateNetwork: true });
    expect(await (await fetch(`http://own.example:${port}/`)).text()).toBe('hello');
    expect(await (await fetch(`http://127.1:${port}/`)).text()).toBe('hello');
    expect(seen).toHaveLength(2);
  });
});

describe('a redirect', () => {
  const own = (): Outbound => outbound({ allowPrivateNetwork: true });
  const to = (url: string, status = 302): string =>
    `http://127.0.0.1:${port}/to?${new URLSearchParams({ url, status: String(status) }).toString()}`;

  it('is an answer like others, and not followed', async () => {
    const answer = await own().fetch(to('/elsewhere'));
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/elsewhere']);
    expect(seen).toHaveLength(1);
  });

  it('is an error to who wants none', async () => {
    const call = own().fetch(to('/elsewhere'), { redirect: 'error' });
    await expect(call).rejects.toThrow(codeOf('outbound_redirect_refused'));
  });

  it('is followed on request, and keeps the key on the same origin only', async () => {
    const { fetch } = own();
    const headers = { authorization: 'Bearer key', cookie: 'a=b' };
    await fetch(to('/here'), { redirect: 'follow', headers });
    const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}/there`;
    expect((await fetch(to(there), { redirect: 'follow', headers })).status).toBe(200);
    expect(seen.map(({ url, authorization, cookie }) => [url.split('?')[0], authorization, cookie])).toEqual([
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
    expect(seen.filter(({ url }) => url === '/here')).toMatchObject([
      { method: 'POST', body: 'a=1', type },
      { method: 'GET', body: '', type: null },
    ]);
  });

  it('is followed three times at most', async () => {
    const call = own().fetch(`http://127.0.0.1:${port}/round`, { redirect: 'follow' });
    await expect(call).rejects.toThrow(codeOf('outbound_redirect_refused'));
    expect(seen).toHaveLength(4);
  });

  it('to another scheme or with a password is refused', async () => {
    const { fetch } = own();
    for (const url of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://ann:pw@127.0.0.1/']) {
      const call = fetch(to(url), { redirect: 'follow' });
      await expect(call).rejects.toThrow(codeOf('outbound_url_invalid'));
    }
  });

  it('into our network is refused though the first address was let through', async () => {
    const { fetch } = outbound({ lookup: publicWhenJudged() });
    const url = encodeURIComponent(`http://127.0.0.1:${port}/inside`);
    const at = `http://trick.example:${port}/to?status=302&url=${url}`;
    await expect(fetch(at, { redirect: 'follow' })).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(seen.map(({ url }) => url.split('?')[0])).toEqual(['/to']);
  });
});

// No server of a test has a public address: this one changes between the guard and the connection.
function publicWhenJudged(): LookupFunction {
  return (_name, _options, callback) => {
    let judged = false;
    const found = {
      family: 4,
      get address() {
        const address = judged ? '127.0.0.1' : '93.184.216.34';
        judged = true;
        return address;
      },
    };
    callback(null, [found]);
  };
}

describe('a call', () => {
  const at = (path: string): string => `http://127.0.0.1:${port}${path}`;

  it.each([
    ['ftp://example.com/', /scheme/],
    ['http://ann@example.com/', /user name/],
    ['//example.com', /not a URL/],
  ])('to %s is refused before anything is sent', async (url, words) => {
    await expect(outbound().fetch(url)).rejects.toThrow(codeOf('outbound_url_invalid'));
    await expect(outbound().fetch(url)).rejects.toThrow(words);
  });

  it.each(['/silent', '/stalls'])('to who never comes to an end is given up in time: %s', async (path) => {
    const { fetch } = outbound({ allowPrivateNetwork: true, timeoutMs: 150 });
    await expect(fetch(at(path))).rejects.toThrow(codeOf('outbound_timeout'));
  });

  it('ends with the reason of its signal', async () => {
    const { fetch } = outbound({ allowPrivateNetwork: true });
    const stop = new AbortController();
    const call = fetch(at('/silent'), { signal: stop.signal });
    stop.abort(new Error('the user went away'));
    await expect(call).rejects.toThrow('the user went away');
  });

  it('to nobody says so without the path', async () => {
    const { fetch } = outbound({ allowPrivateNetwork: true });
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((resolve) => gone.close(resolve));
    const error: unknown = await fetch(`http://${host}/secret-path`).catch((thrown: unknown) => thrown);
    expect(error).toEqual(codeOf('outbound_unreachable'));
    expect(String(error)).toBe(`QuittanceError: ${host} could not be reached (ECONNREFUSED).`);
  });

  it('reads answers up to the limit, counted as they are unpacked', async () => {
    const { fetch } = outbound({ allowPrivateNetwork: true });
    const answer = await fetch(at(`/packed?bytes=${LIMIT_BYTES}`));
    expect((await answer.arrayBuffer()).byteLength).toBe(LIMIT_BYTES);
    expect(answer.headers.get('content-encoding')).toBeNull();
    const tooLong = fetch(at(`/packed?bytes=${LIMIT_BYTES + 1}`));
    await expect(tooLong).rejects.toThrow(codeOf('outbound_answer_too_large'));
  });

  it('takes what fetch takes, and answers with the platform’s Response', async () => {
    const { fetch } = outbound({ allowPrivateNetwork: true });
    const form = new FormData();
    form.set('name', 'Ann');
    const answer = await fetch(new Request(at('/form'), { method: 'PUT', body: form }));
    expect(answer).toBeInstanceOf(Response);
    expect(seen[0]).toMatchObject({ method: 'PUT', type: expect.stringContaining('boundary') });
    expect(seen[0]?.body).toContain('Ann');
  });
});
