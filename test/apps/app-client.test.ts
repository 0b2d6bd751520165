import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clientOf, type BackendClient } from '../../src/app-client/client.ts';
import {
  createBackendClient,
  type BackendClientOptions,
  type BackendError,
} from '../../src/app-client/index.ts';
import { startBackend, type Backend } from './support/backend.ts';

let backend: Backend;
/** The bodies that were sent. */
const sent: string[] = [];

beforeAll(async () => {
  backend = await startBackend();
});
afterAll(() => backend.close());

const admin = { id: 'admin', name: 'Administrator', type: 'builtIn' };

function propsOf(mode: 'live' | 'test' = 'test', isSandbox = false) {
  const account = { id: backend.sim.account, isSandbox };
  return { userContext: { id: 'usr_QuittanceSimulator', account, roles: [admin] }, environment: { mode } };
}

const recording: typeof fetch = async (input, init) => {
  sent.push(init?.body as string);
  return fetch(input, init);
};

function client(options: Partial<BackendClientOptions> = {}): BackendClient {
  return clientOf({ ...backend, ...propsOf(), fetch: recording, ...options });
}

async function failure(call: Promise<unknown>): Promise<BackendError> {
  return call.then(
    (answer) => {
      throw new Error(`it was answered: ${JSON.stringify(answer)}`);
    },
    (error: BackendError) => error,
  );
}

describe('post', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['plain text', { text: 'hello' }],
    [
      'what JSON escapes, or some write as escapes',
      { text: 'Zoë ☕ 😀 <b>&"\\/\u2028\u007f', key_ü: [1.5, -0, 1e21] },
    ],
    ['data that fit just so', { text: 'x'.repeat(1_989) }],
    ['data that do not', { text: 'x'.repeat(1_990) }],
    ['long data of other scripts', { text: 'šumavské žluťoučké 😀'.repeat(500) }],
  ])('sends %s, all of it signed', async (_, data) => {
    const verified = await client().post('/apps/echo', data);
    expect(verified).toEqual({
      userId: 'usr_QuittanceSimulator',
      accountId: backend.sim.account,
      roles: [],
      livemode: false,
      payload: JSON.parse(JSON.stringify(data)),
      unsigned: {},
    });
    expect(sent.at(-1)?.split('\n')).toHaveLength(JSON.stringify(data).length > 2_000 ? 2 : 1);
  });

  it('takes the props with each call instead, and an address for each mode', async () => {
    const bare = clientOf({
      baseUrl: { live: 'http://live.invalid', test: `${backend.baseUrl}/` },
      fetchStripeSignature: backend.fetchStripeSignature,
    });
    const context = propsOf();
    expect(await bare.post('/apps/echo', { n: 1 }, { context })).toMatchObject({ payload: { n: 1 } });
    // A sandbox is told apart by its account and not by the mode that is shown.
    const sandbox = await bare.post('/apps/echo', {}, { context: propsOf('live', true) });
    expect(sandbox).toMatchObject({ livemode: false });
    expect(await failure(bare.post('/apps/echo', {}, { context: propsOf('live') }))).toMatchObject({
      kind: 'network',
      code: 'unreachable',
    });
    await expect(bare.post('/apps/echo')).rejects.toThrow('userContext and environment are missing');
  });

  it('shows roles that are asked for', async () => {
    expect(await client().post('/admin', {}, { roles: ['admin', 'developer'] })).toBe('welcome');
    expect(await failure(client().post('/admin'))).toMatchObject({
      kind: 'permission',
      code: 'role_missing',
      status: 403,
    });
  });

  it('gives nothing for an answer without a body', async () => {
    expect(await client().post('/apps/nothing')).toBeUndefined();
  });
});

describe('a signature that arrives too old', () => {
  it('is fetched once more, with another nonce', async () => {
    sent.length = 0;
    backend.aheadSeconds = 400;
    const inTime: typeof fetch = async (...request) => {
      const answer = await recording(...request);
      backend.aheadSeconds = 0;
      return answer;
    };
    expect(await client({ fetch: inTime }).post('/apps/echo', { n: 1 })).toMatchObject({ payload: { n: 1 } });
    const nonces = sent.map((body) => (JSON.parse(body) as { nonce: string }).nonce);
    expect(nonces).toHaveLength(2);
    expect(new Set(nonces).size).toBe(2);
  });

  it('but only once, and nothing else is tried again', async () => {
    sent.length = 0;
    backend.aheadSeconds = 400;
    expect(await failure(client().post('/apps/echo'))).toMatchObject({ code: 'stale_signature' });
    expect(sent).toHaveLength(2);
    backend.aheadSeconds = -400;
    expect(await failure(client().post('/apps/echo'))).toMatchObject({ code: 'clock' });
    expect(sent).toHaveLength(3);
    backend.aheadSeconds = 0;
    expect(await failure(client().post('/apps/broken'))).toMatchObject({ code: 'http_502' });
    expect(sent).toHaveLength(4);
  });
});

describe('what goes wrong has a kind and a code', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    ['refused', 'other_mode', () => client(propsOf('live')).post('/apps/echo')],
    ['refused', 'http_404', () => client().post('/apps/none')],
    ['unavailable', 'http_502', () => client().post('/apps/broken')],
    ['network', 'unreachable', () => client({ baseUrl: 'http://127.0.0.1:1' }).post('/apps/echo')],
    ['network', 'unreachable', () => client().post('/apps/moved')],
    ['network', 'timeout', () => client({ timeoutMs: 100 }).post('/apps/slow')],
    ['network', 'timeout', () => client({ timeoutMs: 100, fetchStripeSignature: never }).post('/apps/echo')],
    ['signature', 'signature_refused', () => client({ fetchStripeSignature: refused }).post('/apps/echo')],
    [
      'signature',
      'signature_refused',
      () => client(withRole('owner')).post('/apps/echo', {}, { roles: ['owner'] }),
    ],
    [
      'signature',
      'user_unknown',
      () => client({ userContext: { account: { id: 'acct_1' } } }).post('/apps/echo'),
    ],
  ])('%s: %s', async (kind, code, call) => {
    const error = await failure(call());
    expect(error).toMatchObject({ name: 'BackendError', kind, code });
    expect(error.message).toBe(`${code}: ${error.detail}`);
  });

  it('a caller’s own signal ends it, and tells its own reason', async () => {
    const controller = new AbortController();
    const call = client().post('/apps/slow', {}, { signal: controller.signal });
    controller.abort(new Error('the view was closed'));
    await expect(call).rejects.toThrow('the view was closed');
  });

  it.each(['apps/echo', '//other.test/apps', '/apps/echo?all=1', '/apps#top', 'https://other.test/'])(
    'a path like %s is a mistake in the program',
    async (path) => {
      await expect(client().post(path)).rejects.toThrow(TypeError);
    },
  );
});

const never = (): Promise<string> => new Promise(() => {});
const refused = (): Promise<string> => Promise.reject(new Error('refused by Stripe'));

function withRole(id: string): Partial<BackendClientOptions> {
  const { userContext } = propsOf();
  return { userContext: { ...userContext, roles: [{ id, name: 'Owner' }] } };
}

describe('with the SDK of UI extensions', () => {
  /** What the Dashboard gives an extension to talk to it. */
  function dashboard(call: Record<string, unknown>): void {
    vi.stubGlobal('__StripeExtExports', { endpoint: { call } });
  }

  it('is signed by the Dashboard', async () => {
    dashboard({
      supportsFetchAppEmbeddedKey: async () => false,
      fetchStripeSignature: backend.fetchStripeSignature,
    });
    // As a view is given them.
    const props = propsOf() as ExtensionContextValue;
    const { post } = createBackendClient({ baseUrl: backend.baseUrl, ...props });
    expect(await post('/apps/echo', { text: 'ä' })).toMatchObject({ payload: { text: 'ä' } });
  });

  it('is signed by Stripe itself, for an extension with a key of its own', async () => {
    const fetchAppEmbeddedKey = async (): Promise<string> => 'ek_test_extension';
    dashboard({ supportsFetchAppEmbeddedKey: async () => true, fetchAppEmbeddedKey });
    const asked: string[] = [];
    const real = fetch;
    vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
      const url = input.replace('https://api.stripe.com', backend.sim.url);
      if (url !== input) asked.push(url);
      return real(url, init);
    });
    const { post } = createBackendClient({ baseUrl: backend.baseUrl, ...propsOf() });
    const data = { text: 'ä'.repeat(3_000) };
    expect(await post('/apps/echo', data, { roles: ['admin'] })).toMatchObject({
      payload: data,
      roles: ['admin'],
    });
    expect(asked).toHaveLength(1);
    vi.unstubAllGlobals();
  });
});
