import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Context } from 'oidc-provider';
import { atEnd } from './at-end.ts';
import type { Visitor, Visit } from './visitor.ts';

export const CLIENT_ID = 'quittance';
export const CLIENT_SECRET = 'what-the-provider-knows-us-by';

/** Who the provider knows: what it tells of them. */
export type People = Record<string, Record<string, unknown>>;

/** A real OpenID provider on a port of its own. Who signs in there types nothing but their name. */
export async function startOpenId(people: People): Promise<{ issuer: string; allow: (uri: string) => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redirect_uris: string[] = [];
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const allow = (uri: string): void => {
    redirect_uris.push(uri);
    const client = { client_secret: CLIENT_SECRET, redirect_uris };
    const provider = new Provider(issuer, {
      clients: [
        { ...client, client_id: CLIENT_ID },
        { ...client, client_id: 'another' },
      ],
      cookies: { keys: ['of the test'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
      findAccount: (_: unknown, sub: string) =>
        people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
      loadExistingGrant: grantAll,
    });
    server.removeAllListeners('request');
    server.on('request', provider.callback());
  };
  return { issuer, allow };
}

/** Everybody has agreed already. */
async function grantAll({ oidc: { client, session, provider } }: Context): Promise<unknown> {
  const { clientId } = client;
  const grant = new provider.Grant({ accountId: session.accountId, clientId });
  grant.addOIDCScope('openid email profile');
  await grant.save();
  return grant;
}

/** Signs in at the provider, and returns the address it sends the browser back to. */
export async function signInThere(browser: Visitor, authorizeUrl: string, name: string): Promise<string> {
  const follow = async (visit: Visit): Promise<Visit> => browser.get(there(authorizeUrl, visit));
  const form = await browser.get(authorizeUrl);
  const typed = await browser.post(there(authorizeUrl, form), { prompt: 'login', login: name });
  const back = await follow(typed);
  return back.location ?? '';
}

function there(base: string, { location }: Visit): string {
  return new URL(location ?? '', base).href;
}
