import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { Provider } from '../../src/operators/oidc/provider.ts';
import { OIDC_CALLBACK } from '../../src/operators/oidc/routes.ts';
import { oidcSchema } from '../../src/operators/settings.ts';
import { createQuittance } from '../../src/quittance.ts';
import { freshDatabase } from '../support/database.ts';
import { CLIENT_ID, CLIENT_SECRET, signInThere, startOpenId, type People } from '../support/openid.ts';
import { SECRET, runQuittance, type Running } from '../support/quittance.ts';
import { Visitor, type Visit } from '../support/visitor.ts';

const verified = (email: string, groups: string[] = []) => ({ email, email_verified: true, groups });
const PEOPLE: People = {
  ann: verified('Ann@Example.com', ['payments-admins']),
  bob: verified('bob@example.com', ['payments', 'everybody']),
  cyd: verified('cyd@example.com', ['everybody']),
  dan: { email: 'dan@example.com', email_verified: false, groups: ['payments'] },
  imp: verified('bob@example.com', ['payments']),
};

let shop: Running;
let database: Database;
let issuer: string;

beforeAll(async () => {
  const { url, database: own } = await freshDatabase();
  database = own;
  const openId = await startOpenId(PEOPLE);
  ({ issuer } = openId);
  shop = await runQuittance(
    url,
    {
      oidcIssuer: issuer,
      oidcClientId: CLIENT_ID,
      oidcClientSecret: CLIENT_SECRET,
      oidc: {
        name: 'Example',
        roleClaim: 'groups',
        roles: { admin: ['payments-admins'], viewer: ['payments'] },
      },
    },
    { work: false },
  );
  openId.allow(`${shop.url}${OIDC_CALLBACK}`);
});

async function begin(browser: Visitor, returnTo = '/admin/events?type=a'): Promise<string> {
  const sent = await browser.get(`${shop.url}/api/session/oidc?return_to=${encodeURIComponent(returnTo)}`);
  expect(sent.status).toBe(303);
  return sent.location ?? '';
}

/** All the way, in a browser of its own; `bend` changes an address on the way there. */
async function signIn(
  name: string,
  { bend = (url: URL) => url, returnTo = undefined as string | undefined } = {},
): Promise<{ visit: Visit; browser: Visitor; back: string }> {
  const browser = new Visitor();
  const url = bend(new URL(await begin(browser, returnTo)));
  const back = await signInThere(browser, url.href, name);
  return { visit: await browser.get(back), browser, back };
}

const roleIn = async (browser: Visitor): Promise<unknown> => {
  const answer = await fetch(`${shop.url}/api/session`, { headers: { cookie: browser.cookie } });
  return ((await answer.json()) as { role?: string }).role;
};

const refusedWith = (problem: string) => `/admin/sign-in?problem=${problem}`;

describe('signing in by an OpenID provider', () => {
  it('leads back to where one wanted to go, with the role that the provider says', async () => {
    const ways = await fetch(`${shop.url}/api/session`);
    expect(await ways.json()).toMatchObject({ sign_in: { password: false, oidc: 'Example' } });
    const { visit, browser } = await signIn('ann');
    expect(visit.location).toBe('/admin/events?type=a');
    expect(visit.cookies[0]).toMatch(/^__Host-quittance_session=.*HttpOnly; Secure; SameSite=Strict$/);
    expect(await roleIn(browser)).toBe('admin');
    // The next time it is the same person, with what the provider says then.
    PEOPLE['ann'] = verified('ann@example.com', ['payments']);
    expect(await roleIn((await signIn('ann')).browser)).toBe('viewer');
    const { rows } = await database.pool.query(`select name, role from quittance.operator`);
    expect(rows).toEqual([{ name: 'ann@example.com', role: 'viewer' }]);
  });

  it('refuses who has no role, no verified address, is disabled, or has another’s address', async () => {
    expect((await signIn('cyd')).visit.location).toBe(refusedWith('oidc_no_role'));
    expect((await signIn('dan')).visit.location).toBe(refusedWith('oidc_unverified'));
    expect(await roleIn((await signIn('bob')).browser)).toBe('viewer');
    expect((await signIn('imp')).visit.location).toBe(refusedWith('oidc_other_person'));
    await database.pool.query(`update quittance.operator set disabled_at = now() where name like 'bob%'`);
    const { visit, browser } = await signIn('bob');
    expect(visit.location).toBe(refusedWith('operator_disabled'));
    expect(await roleIn(browser)).toBeUndefined();
  });

  it('S4: takes an answer once, from the browser that asked, for nothing but what was asked', async () => {
    const [own, foreign] = [new Visitor(), new Visitor()];
    const back = await signInThere(own, await begin(own), 'ann');
    const withoutState = new URL(back);
    withoutState.searchParams.delete('state');
    expect((await own.get(withoutState.href)).location).toBe(refusedWith('oidc_state'));
    // Somebody else is made to open it: login CSRF.
    await begin(foreign);
    expect((await foreign.get(back)).location).toBe(refusedWith('oidc_state'));
    const otherIssuer = new URL(back);
    otherIssuer.searchParams.set('iss', 'https://evil.example');
    expect((await own.get(otherIssuer.href)).location).toBe(refusedWith('oidc_refused'));
    // Its state is used up now, and so is a good one by its first use.
    expect((await own.get(back)).location).toBe(refusedWith('oidc_state'));
    const good = await signIn('ann');
    expect((await good.browser.get(good.back)).location).toBe(refusedWith('oidc_state'));
  });

  it('S4: refuses another nonce, another client’s code, and a code without its verifier', async () => {
    for (const [name, value] of [
      ['nonce', 'of somebody else'],
      ['client_id', 'another'],
      ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
    ] as const) {
      const bend = (url: URL): URL => {
        url.searchParams.set(name, value);
        return url;
      };
      const { visit, browser } = await signIn('ann', { bend });
      expect([name, visit.location]).toEqual([name, refusedWith('oidc_refused')]);
      expect(await roleIn(browser)).toBeUndefined();
    }
    // Control: bent by nothing it is let in.
    expect((await signIn('ann')).visit.location).toBe('/admin/events?type=a');
  });

  it('S5: leads to our own pages only', async () => {
    const wishes = [
      'https://evil.example',
      '//evil.example/admin',
      '/admin/../apps',
      '/admin\\@evil',
      '/adminx',
    ];
    for (const returnTo of wishes) {
      expect((await signIn('ann', { returnTo })).visit.location).toBe('/admin');
    }
  });
});

describe('a provider', () => {
  it('that is away keeps nobody from starting, and whoever wants to sign in is told', async () => {
    const options = { databaseUrl: 'postgres://none', secret: SECRET, oidcClientId: 'us' };
    expect(() => createQuittance({ ...options, oidcIssuer: 'https://id.example' })).toThrow('oidc.roles');
    expect(() => createQuittance({ ...options, oidcIssuer: 'http://id.example' })).toThrow('https://');
    const provider = new Provider({
      issuer: 'http://127.0.0.1:1',
      clientId: 'us',
      clientSecret: undefined,
      settings: oidcSchema.parse({}),
      redirectUri: shop.url,
      clock: { now: () => 0 },
    });
    const sent = { state: 's', nonce: 'n', verifier: 'v' };
    await expect(provider.authorizeUrl(sent)).rejects.toMatchObject({ code: 'oidc_unavailable' });
  });

  it('and what came of it stand in the audit log, without codes and tokens', async () => {
    const { rows } = await database.pool.query<{ outcome: string; actor_name: string; detail: object }>(
      `select outcome, actor_name, detail from quittance.audit where action = 'signInByOidc' order by seq`,
    );
    expect(rows[0]).toEqual({ outcome: 'done', actor_name: 'ann@example.com', detail: { added: true } });
    expect(rows[1]).toMatchObject({ outcome: 'done', detail: { role_before: 'admin' } });
    expect(rows).toContainEqual({ outcome: 'oidc_no_role', actor_name: '', detail: {} });
    // Whoever is nobody at the provider either leaves no line, of which there could be any number.
    expect(rows.map(({ outcome }) => outcome)).not.toContain('oidc_refused');
    const log = shop.log.text();
    expect(log).toContain('signing in by the OpenID provider failed');
    expect(log).not.toMatch(/code=|eyJ|what-the-provider-knows/);
  });
});
