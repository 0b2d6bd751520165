import { describe, expect, it } from 'vitest';
import type { AppConnections } from '../../src/apps/context.ts';
import { useStage } from '../support/connections.ts';

const stage = useStage();
const HOUR_SECONDS = 3600;

const codeOf = (code: string) => expect.objectContaining({ name: 'QuittanceError', code });

function get(connections: AppConnections, path = '/api/notes', init?: RequestInit): Promise<Response> {
  return connections.fetch('files', `${stage.service.url}${path}`, init);
}

async function tokenOf(answer: Response | Promise<Response>): Promise<string> {
  const { token } = (await (await answer).json()) as { token: string };
  return token;
}

const refreshes = (): number => stage.service.times('POST /token');

describe('a token that has ended', () => {
  it('is refreshed once, though twenty calls of two processes want it', async () => {
    const { install, connections } = await stage.connected();
    const before = await tokenOf(get(connections));
    stage.clock.advance(HOUR_SECONDS);
    const processes = [connections, stage.other.for(install), stage.parts.for(install)];
    const calls = Array.from({ length: 20 }, (_, index) => get(processes[index % 3] as AppConnections));
    const tokens = new Set(await Promise.all(calls.map(tokenOf)));
    expect(tokens.size).toBe(1);
    expect(tokens.has(before)).toBe(false);
    expect(refreshes()).toBe(1);
    // And again with the refresh token that came with it: the first one is good no more.
    stage.clock.advance(HOUR_SECONDS);
    expect(tokens.has(await tokenOf(get(stage.other.for(install))))).toBe(false);
    expect(refreshes()).toBe(2);
  });

  it('is refreshed when the service refuses it before its time, once for all', async () => {
    const { install, connections } = await stage.connected();
    stage.service.endAccess();
    const calls = Array.from({ length: 10 }, (_, index) =>
      get(index % 2 === 0 ? connections : stage.other.for(install), `/api/notes?n=${index}`, {
        method: 'POST',
        body: new Response(`note ${index}`).body,
        duplex: 'half',
      } as RequestInit),
    );
    expect(new Set(await Promise.all(calls.map(tokenOf))).size).toBe(1);
    expect(refreshes()).toBe(1);
  });

  it('is not refreshed again and again for a service that refuses whatever it gives', async () => {
    const { connections } = await stage.connected();
    for (let count = 0; count < 4; count += 1) {
      expect((await get(connections, '/api/notes?how=401&fail=100')).status).toBe(401);
    }
    expect(refreshes()).toBe(1);
    stage.clock.advance(61);
    expect((await get(connections, '/api/notes?how=401&fail=100')).status).toBe(401);
    expect(refreshes()).toBe(2);
  });

  it('is what the user has to connect anew for, when the service refuses the refresh', async () => {
    const { install, connections } = await stage.connected();
    stage.service.endGrants();
    const calls = [get(connections), get(stage.other.for(install)), get(connections)];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: codeOf('connection_refused') });
    }
    expect(await connections.status('files')).toBe('refused');
    expect(stage.alarms).toEqual([`connection_refused ${install.id}/files`]);
    // Nobody asks again with what was refused.
    stage.service.seen = [];
    await expect(get(connections)).rejects.toThrow(codeOf('connection_refused'));
    expect(stage.service.seen).toEqual([]);
    const { access_token: accessToken } = stage.service.grant();
    await connections.put('files', { accessToken });
    expect((await get(connections)).status).toBe(200);
  });

  it('is kept while the service is away, and used to its last second', async () => {
    const { connections } = await stage.connected();
    const before = await tokenOf(get(connections));
    stage.service.mood = { token: 503 };
    // Ten seconds before its end: a fresh one is asked for.
    stage.clock.advance(HOUR_SECONDS - 10);
    expect(await tokenOf(get(connections))).toBe(before);
    expect(refreshes()).toBe(1);
    stage.clock.advance(10);
    await expect(get(connections)).rejects.toThrow(codeOf('connection_unavailable'));
    stage.service.mood = { token: 'silent' };
    await expect(get(connections)).rejects.toThrow(codeOf('connection_unavailable'));
    expect(await connections.status('files')).toBe('connected');
    expect(stage.alarms).toEqual([]);
    stage.service.mood = {};
    expect(await tokenOf(get(connections))).not.toBe(before);
  });

  it('is no reason to give up the connection when the service does not know us', async () => {
    const { install, connections } = await stage.connected();
    const stranger = stage.withConnections({ files: { ...stage.options, clientSecret: 'another' } });
    stage.clock.advance(HOUR_SECONDS);
    await expect(get(stranger.for(install))).rejects.toThrow(codeOf('connection_unavailable'));
    expect(stage.alarms).toEqual([`connection_client_refused ${install.id}/files`]);
    expect((await get(connections)).status).toBe(200);
  });
});

describe('an API key that was put in', () => {
  it('is used, and an answer that refuses it is passed on', async () => {
    const connections = stage.parts.for(await stage.install());
    const { access_token: accessToken } = stage.service.grant();
    await connections.put('files', { accessToken });
    expect(await tokenOf(get(connections))).toBe(accessToken);
    await connections.put('files', { accessToken: 'key-of-nobody' });
    expect((await get(connections)).status).toBe(401);
    expect(await connections.status('files')).toBe('connected');
    expect(refreshes()).toBe(0);
  });

  it('ends when it says so', async () => {
    const connections = stage.parts.for(await stage.install());
    const { access_token: accessToken } = stage.service.grant();
    await connections.put('files', { accessToken, expiresAt: Math.floor(stage.clock.now() / 1000) + 60 });
    expect((await get(connections)).status).toBe(200);
    stage.clock.advance(61);
    await expect(get(connections)).rejects.toThrow(codeOf('connection_refused'));
    expect(await connections.status('files')).toBe('refused');
  });

  it.each(['', 'two words', 'line\nbreak', 'x'.repeat(20_001)])('is text for a header: %#', async (key) => {
    const connections = stage.parts.for(await stage.install());
    const kept: unknown = await connections
      .put('files', { accessToken: key })
      .catch((error: unknown) => error);
    expect(kept).toEqual(codeOf('invalid_tokens'));
  });
});

describe('an end', () => {
  it('gives the token back and forgets it', async () => {
    const { connections } = await stage.connected();
    expect(await connections.disconnect('files')).toBe(true);
    expect(stage.service.revoked.at(-1)).toMatch(/^rt-/);
    expect(await connections.status('files')).toBe('absent');
    await expect(get(connections)).rejects.toThrow(codeOf('connection_absent'));
    expect(await connections.disconnect('files')).toBe(false);
    expect(stage.service.times('POST /revoke')).toBe(1);
  });

  it('forgets it too when the service is away, and says so in the log without it', async () => {
    const { install, connections } = await stage.connected();
    stage.service.mood = { revoke: 503 };
    expect(await connections.disconnect('files')).toBe(true);
    expect(await connections.status('files')).toBe('absent');
    const line = stage.log.lines().find((each) => each['install'] === install.id);
    expect(line?.['msg']).toContain('could not be revoked');
    expect(stage.log.text()).not.toMatch(/\b[ar]t-/);
  });
});

describe('a token is sent', () => {
  it('to the hosts of the options only', async () => {
    const { connections } = await stage.connected();
    const { host } = stage.service;
    for (const url of [
      'http://127.0.0.1:1/',
      `http://${host}.example.com/`,
      `http://${host}@example.com/`,
      `http://localhost:${host.split(':')[1]}/`,
      `ftp://${host}/`,
      '/api/notes',
    ]) {
      await expect(connections.fetch('files', url)).rejects.toThrow(codeOf('connection_host_refused'));
    }
    expect(stage.service.seen).toEqual([]);
  });

  it('by https, and not into our own network, unless the options say so', async () => {
    const { allowPrivateNetwork: _allowed, issuer: _issuer, ...options } = stage.options;
    const outside = stage.withConnections({ files: options }).for(await stage.install());
    await outside.put('files', { accessToken: 'key' });
    await expect(get(outside)).rejects.toThrow(codeOf('connection_host_refused'));
    const inside = outside.fetch('files', `https://${stage.service.host}/api/notes`);
    await expect(inside).rejects.toThrow(codeOf('outbound_address_refused'));
    expect(stage.service.seen).toEqual([]);
  });
});
