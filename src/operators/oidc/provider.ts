import * as oauth from 'oauth4webapi';
import type { Clock } from '../../clock.ts';
import { QuittanceError } from '../../errors.ts';
import { UnderWay } from '../../under-way.ts';
import type { OidcSettings } from '../settings.ts';
import type { Claims } from './identity.ts';

const TIMEOUT_MS = 10_000;
const CACHED_MS = 60 * 60 * 1000;

export interface ProviderOptions {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  settings: OidcSettings;
  /** Where it sends the browser back to. */
  redirectUri: string;
  clock: Clock;
}

/** What a browser was sent with, and what the way back is held against. */
export interface Sent {
  state: string;
  nonce: string;
  /** Of PKCE. */
  verifier: string;
}

/**
 * An OpenID provider (OpenID Connect Core 1.0, code flow with PKCE). It is looked up when somebody wants to
 * sign in, so that nothing else waits for it. Errors: `oidc_unavailable` when it does not answer rightly,
 * `oidc_refused` when it, or what the browser brought back, is not to be believed.
 */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #client: oauth.Client;
  readonly #underWay = new UnderWay<oauth.AuthorizationServer>();
  #known: { server: oauth.AuthorizationServer; until: number } | undefined;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#client = { client_id: options.clientId };
  }

  /** Where the user signs in. */
  async authorizeUrl({ state, nonce, verifier }: Sent): Promise<string> {
    const { settings, redirectUri, clientId } = this.#options;
    const server = await this.#discovered();
    const params = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope: settings.scopes.join(' '),
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    if (!server.authorization_endpoint) throw unavailable('its metadata name no authorization endpoint');
    const url = new URL(server.authorization_endpoint);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    return url.href;
  }

  /** What the provider says of who has come back. */
  async claims(query: URLSearchParams, { state, nonce, verifier }: Sent): Promise<Claims> {
    const { redirectUri, settings } = this.#options;
    const [server, client] = [await this.#discovered(), this.#client];
    return told(async () => {
      const params = oauth.validateAuthResponse(server, client, query, state);
      const authentication = this.#authentication(server);
      const response = await oauth.authorizationCodeGrantRequest(
        ...([server, client, authentication, params, redirectUri, verifier, this.#calling] as const),
      );
      const expected = { expectedNonce: nonce, requireIdToken: true };
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected);
      await oauth.validateApplicationLevelSignature(server, response, this.#calling);
      const claims = oauth.getValidatedIdTokenClaims(tokens) as oauth.IDToken;
      // Most providers tell the address, and what a group is, only to who asks for it.
      const needed = ['email', settings.roleClaim ?? 'email'];
      if (needed.every((name) => name in claims) || !server.userinfo_endpoint) return claims;
      const answer = await oauth.userInfoRequest(server, client, tokens.access_token, this.#calling);
      return { ...(await oauth.processUserInfoResponse(server, client, claims.sub, answer)), ...claims };
    });
  }

  async #discovered(): Promise<oauth.AuthorizationServer> {
    const { clock } = this.#options;
    if (this.#known && this.#known.until > clock.now()) return this.#known.server;
    return this.#underWay.join('', async () => {
      const issuer = new URL(this.#options.issuer);
      const server = await told(async () => {
        const answer = await oauth.discoveryRequest(issuer, { ...this.#calling, algorithm: 'oidc' });
        return oauth.processDiscoveryResponse(issuer, answer);
      });
      this.#known = { server, until: clock.now() + CACHED_MS };
      return server;
    });
  }

  // RFC 8414, 2: without a word of the provider's it is `client_secret_basic`.
  #authentication(server: oauth.AuthorizationServer): oauth.ClientAuth {
    const { clientSecret } = this.#options;
    if (clientSecret === undefined) return oauth.None();
    const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return offered.includes('client_secret_basic')
      ? oauth.ClientSecretBasic(clientSecret)
      : oauth.ClientSecretPost(clientSecret);
  }

  get #calling() {
    return {
      signal: () => AbortSignal.timeout(TIMEOUT_MS),
      [oauth.allowInsecureRequests]: this.#options.issuer.startsWith('http:'),
    };
  }
}

/** Sorts what can go wrong. The library's messages hold no tokens; its causes may, and are left behind. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
      throw refused(error.error);
    }
    if (error instanceof oauth.OperationProcessingError) throw refused(error.message);
    if (error instanceof oauth.WWWAuthenticateChallengeError) throw refused(`HTTP ${error.status}`);
    throw unavailable(error instanceof Error ? error.message : 'no reason');
  }
}

function refused(words: string): QuittanceError {
  return new QuittanceError({ code: 'oidc_refused', message: `The OpenID provider: ${words}` });
}

function unavailable(words: string): QuittanceError {
  return new QuittanceError({ code: 'oidc_unavailable', message: `The OpenID provider: ${words}` });
}
