import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { ConnectionParts } from '../../src/apps/connections/parts.ts';
import { headingOf, useStage, Visitor } from '../support/connections.ts';
import { removeInstall } from '../support/install.ts';

const stage = useStage();
const AWAY_SECONDS = 600;
const PAGE = { headers: { accept: 'text/html' } };

const codeOf = (code: string) => expect.objectContaining({ name: 'QuittanceError', code });

async function begun(): Promise<{ visitor: Visitor; begin: string; back: string }> {
  const { url: begin } = await stage.parts.for(await stage.install()).start('files');
  const visitor = new Visitor();
  return { visitor, begin, back: await visitor.throughService(begin) };
}

/** The whole way through a process of ours without a port; the heading of the page at its end. */
async function wholeWay(parts: ConnectionParts): Promise<string> {
  const app = new Hono();
  parts.addRoutes(app);
  const sent = await app.request((await parts.for(await stage.install()).start('files')).url, PAGE);
  const cookie = sent.headers.get('set-cookie')?.split(';')[0] ?? '';
  const back = await fetch(sent.headers.get('location') ?? '', { redirect: 'manual' });
  const headers = { ...PAGE.headers, cookie };
  const page = await app.request(back.headers.get('location') ?? '', { headers });
  return headingOf({ text: await page.text() });
}

describe('a user connects an account to another service', () => {
  it('and from then on its API is called with the token', async () => {
    const install = await stage.install();
    const connections = stage.parts.for(install);
    expect(await connections.status('files')).toBe('absent');
    const { url, expiresAt } = await connections.start('files');
    expect(Date.parse(expiresAt) - stage.clock.now()).toBeGreaterThan(590_000);
    const visitor = new Visitor();
    const back = await visitor.throughService(url);
    const page = await visitor.visit(back);
    expect([page.status, headingOf(page)]).toEqual([200, 'Connected']);
    expect(page.text).toContain(`The Stripe account ${install.account} is connected to files`);
    expect(await stage.other.for(install).status('files')).toBe('connected');
    const answer = await connections.fetch('files', `${stage.service.url}/api/notes`);
    const { token } = (await answer.json()) as { token: string };
    expect([answer.status, token]).toEqual([200, expect.stringMatching(/^at-/)]);
    const [kept] = await stage.sql<{ sealed: string }>`
      select encode(sealed, 'escape') as sealed from quittance.vault where owner = ${install.id}`;
    expect(kept?.sealed).not.toContain(token);
    const state = new URL(back).searchParams.get('state') ?? '';
    const [row] = await stage.sql<{ text: string }>`
      select string_agg(app_state::text, '') as text from quittance.app_state`;
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(row?.text).toContain(install.id);
    expect(row?.text).not.toContain(state);
    expect(stage.log.text()).toContain('an install was connected to another service');
    expect(stage.log.text()).not.toContain(token);
  });

  it('and is sent away with PKCE, the scopes and what else the service wants', async () => {
    const { url } = await stage.parts.for(await stage.install()).start('files');
    const away = new URL((await new Visitor().visit(url)).location);
    expect(Object.fromEntries(away.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'files.read files.write',
      access_type: 'offline',
      redirect_uri: `${stage.url}/apps/connections/callback`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('where the service tells of itself at the older place, or not at all', async () => {
    const { service, options } = stage;
    const { issuer: _issuer, ...rest } = options;
    const told = {
      ...rest,
      clientAuthentication: 'client_secret_post' as const,
      authorizationEndpoint: `${service.url}/authorize`,
      tokenEndpoint: `${service.url}/token`,
    };
    for (const [metadata, connections] of [
      ['oidc', { files: options }],
      ['none', { files: told }],
    ] as const) {
      service.mood = { metadata };
      expect(await wholeWay(stage.withConnections(connections))).toBe('Connected');
    }
  });
});

describe('nobody is connected', () => {
  const refusedWith = async (page: Promise<{ status: number; text: string }>): Promise<[number, string]> => {
    const { status, ...answer } = await page;
    return [status, headingOf(answer)];
  };

  it('by an answer that another browser asked for, that comes twice, or too late', async () => {
    const UNEXPECTED = [403, 'We did not expect you here'];
    const { back, visitor } = await begun();
    expect(await refusedWith(new Visitor().visit(back))).toEqual(UNEXPECTED);
    expect(await refusedWith((await begun()).visitor.visit(back))).toEqual(UNEXPECTED);
    // A look at the link by a program uses nothing up, and of two who come at once one is let in.
    expect((await visitor.visit(back, 'HEAD')).status).toBe(204);
    const pages = await Promise.all([visitor.visit(back), visitor.visit(back)]);
    expect(pages.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
    const late = await begun();
    stage.clock.advance(AWAY_SECONDS + 1);
    expect(await refusedWith(late.visitor.visit(late.back))).toEqual(UNEXPECTED);
    const none = new URL(back);
    none.searchParams.delete('state');
    expect(await refusedWith(visitor.visit(none.href))).toEqual(UNEXPECTED);
  });

  it('by a link that was changed, is of another connection, or too old', async () => {
    const { url } = await stage.parts.for(await stage.install()).start('files');
    const visitor = new Visitor();
    const FORGED = [403, 'This link does not work'];
    const last = url.endsWith('A') ? 'B' : 'A';
    expect(await refusedWith(visitor.visit(url.slice(0, -1) + last))).toEqual(FORGED);
    expect(await refusedWith(visitor.visit(url.replace('/files/', '/notes/')))).toEqual(FORGED);
    const another = await stage.install();
    expect(await refusedWith(visitor.visit(url.replace(/ins_\w+/, another.id)))).toEqual(FORGED);
    expect((await visitor.visit(url)).status).toBe(303);
    stage.clock.advance(AWAY_SECONDS + 1);
    expect(await refusedWith(visitor.visit(url))).toEqual([410, 'This link has expired']);
  });

  it('when the user or the service says no, whose words are shown as text', async () => {
    stage.service.mood = { deny: { error: 'access_denied', error_description: 'not <b>today</b>' } };
    const { back, visitor } = await begun();
    const page = await visitor.visit(back);
    expect([page.status, headingOf(page)]).toEqual([400, 'Nothing was connected']);
    expect(page.text).toContain('access_denied: not &lt;b&gt;today&lt;/b&gt;');
    expect(page.text).toContain('Begin again');
  });

  it('when another service answered, or one that does not say which it is', async () => {
    for (const iss of ['https://elsewhere.example', null]) {
      stage.service.mood = { iss };
      const { back, visitor } = await begun();
      expect(await refusedWith(visitor.visit(back))).toEqual([400, 'Another service answered']);
    }
    expect(stage.service.times('POST /token')).toBe(0);
  });

  it('by a code that the service does not take', async () => {
    const { back, visitor } = await begun();
    const code = /code=[^&]+/;
    expect(await refusedWith(visitor.visit(back.replace(code, 'code=another')))).toEqual([
      400,
      'Nothing was connected',
    ]);
  });

  it('to a service that is away, or does not know us', async () => {
    const UNAVAILABLE = [502, 'The service does not answer right now'];
    for (const token of [503, 'silent'] as const) {
      const { back, visitor } = await begun();
      stage.service.mood = { token };
      expect(await refusedWith(visitor.visit(back))).toEqual(UNAVAILABLE);
      stage.service.mood = {};
    }
    const stranger = stage.withConnections({ files: { ...stage.options, clientSecret: 'another' } });
    expect(await wholeWay(stranger)).toBe('The service does not know this app');
    expect(stage.alarms).toEqual(['connection_client_refused files']);
  });

  it('to a service that can not be found, or that was never set up', async () => {
    stage.service.mood = { metadata: 'none' };
    const lost = stage.withConnections({ files: stage.options });
    const begin = async (parts: ConnectionParts): Promise<string> => {
      const app = new Hono();
      parts.addRoutes(app);
      const { url } = await parts.for(await stage.install()).start('files');
      return headingOf({ text: await (await app.request(url, PAGE)).text() });
    };
    expect(await begin(lost)).toBe('The service does not answer right now');
    stage.service.mood = {};
    // And is found as soon as it is there.
    expect(await wholeWay(lost)).toBe('Connected');
    const { apiHosts } = stage.options;
    expect(await begin(stage.withConnections({ files: { apiHosts } }))).toBe(
      'This connection is not set up yet',
    );
    await expect(lost.for(await stage.install()).start('notes')).rejects.toThrow(
      codeOf('connection_unknown'),
    );
  });

  it('once the app was uninstalled, before or while the user was away', async () => {
    const install = await stage.install();
    const connections = stage.parts.for(install);
    const visitor = new Visitor();
    const back = await visitor.throughService((await connections.start('files')).url);
    install.status = 'uninstalled';
    const GONE = [409, 'The app is not installed any more'];
    expect(await refusedWith(visitor.visit(back))).toEqual(GONE);
    expect(await refusedWith(visitor.visit((await connections.start('files')).url))).toEqual(GONE);
    expect(stage.service.times('POST /token')).toBe(0);
    await removeInstall(stage.sql, install);
    await expect(connections.put('files', { accessToken: 'key' })).rejects.toThrow(codeOf('not_installed'));
  });
});
