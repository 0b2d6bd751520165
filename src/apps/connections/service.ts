import * as oauth from 'oauth4webapi';
import { failureOf, type GrantFailure } from './failures.ts';
import { requestOptions, ServiceMetadata, type MetadataOptions } from './metadata.ts';
import type { ConnectionTokens } from '../context.ts';

export interface ServiceOptions extends MetadataOptions {
  /** Where it sends the browser back to. */
  redirectUri: string;
}

/** Tokens, or why there are none. */
export type Granted = { tokens: ConnectionTokens } | { failure: GrantFailure };

/** Another service, as its authorization server sees us: OAuth 2.0 with PKCE (RFC 6749, 7636, 9700). */
export class OAuthService {
  readonly #options: ServiceOptions;
  readonly #metadata: ServiceMetadata;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#metadata = new ServiceMetadata(options);
  }

  /** Where the user agrees. Throws `connection_not_configured`. */
  async authorizeUrl(state: string, verifier: string): Promise<{ url: string } | { failure: GrantFailure }> {
    const { settings, redirectUri } = this.#options;
    try {
      const { authorization_endpoint: endpoint } = await this.#metadata.read();
      if (!endpoint) return { failure: { kind: 'unavailable', words: 'its metadata name no address' } };
      const url = new URL(endpoint);
      const params = {
        ...settings.authorizationParams,
        response_type: 'code',
        client_id: this.#client.client_id,
        redirect_uri: redirectUri,
        ...(settings.scopes.length > 0 ? { scope: settings.scopes.join(' ') } : {}),
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
      return { url: url.href };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  /** Turns what the browser brought back into tokens. */
  async exchange(query: URLSearchParams, state: string, verifier: string): Promise<Granted> {
    const { settings, redirectUri } = this.#options;
    try {
      const server = await this.#metadata.read();
      const params = new URLSearchParams(query);
      // Of a service whose issuer nobody told us there is nothing to hold it against.
      if (settings.issuer === undefined) params.delete('iss');
      const answer = checkAnswer(server, this.#client, params, state);
      if ('failure' in answer) return answer;
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        this.#authentication(server),
        answer.params,
        redirectUri,
        verifier,
        requestOptions(this.#options),
      );
      return this.#granted(await oauth.processAuthorizationCodeResponse(server, this.#client, response));
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  /** Fresh tokens; a refresh token that was not replaced stays. Throws `connection_not_configured`. */
  async refresh(refreshToken: string): Promise<Granted> {
    try {
      const server = await this.#metadata.read();
      const response = await oauth.refreshTokenGrantRequest(
        server,
        this.#client,
        this.#authentication(server),
        refreshToken,
        requestOptions(this.#options),
      );
      const answer = await oauth.processRefreshTokenResponse(server, this.#client, response);
      return this.#granted(answer, refreshToken);
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  /** Gives a token back (RFC 7009). Nothing happens at a service that has no address for it. */
  async revoke({ accessToken, refreshToken }: ConnectionTokens): Promise<{ failure: GrantFailure } | null> {
    const { clientId, issuer, revocationEndpoint } = this.#options.settings;
    if (!clientId || !(issuer || revocationEndpoint)) return null;
    try {
      const server = await this.#metadata.read();
      if (!server.revocation_endpoint) return null;
      const response = await oauth.revocationRequest(
        server,
        this.#client,
        this.#authentication(server),
        // The access tokens made from it end with it.
        refreshToken ?? accessToken,
        requestOptions(this.#options),
      );
      await oauth.processRevocationResponse(response);
      return null;
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  get #client(): oauth.Client {
    return { client_id: this.#options.settings.clientId ?? '' };
  }

  // RFC 8414, 2: without a word of the service's it is `client_secret_basic`.
  #authentication(server: oauth.AuthorizationServer): oauth.ClientAuth {
    const { clientSecret, clientAuthentication } = this.#options.settings;
    if (clientSecret === undefined) return oauth.None();
    const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const offersBasic = offered.includes('client_secret_basic');
    const way = clientAuthentication ?? (offersBasic ? 'client_secret_basic' : 'client_secret_post');
    return way === 'client_secret_basic'
      ? oauth.ClientSecretBasic(clientSecret)
      : oauth.ClientSecretPost(clientSecret);
  }

  #granted(answer: oauth.TokenEndpointResponse, refreshTokenBefore?: string): Granted {
    const { access_token: accessToken, expires_in: seconds } = answer;
    const refreshToken = answer.refresh_token ?? refreshTokenBefore;
    const now = this.#options.clock.now() / 1000;
    return {
      tokens: {
        accessToken,
        ...(refreshToken === undefined ? {} : { refreshToken }),
        ...(seconds === undefined ? {} : { expiresAt: Math.floor(now + seconds) }),
      },
    };
  }
}

// Its only errors besides a refusal: `iss` is another's or missing, or what came is no answer of this kind.
function checkAnswer(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  params: URLSearchParams,
  state: string,
): { params: URLSearchParams } | { failure: GrantFailure } {
  try {
    return { params: oauth.validateAuthResponse(server, client, params, state) };
  } catch (error) {
    const failure = failureOf(error);
    return { failure: failure.kind === 'unavailable' ? { ...failure, kind: 'issuer_refused' } : failure };
  }
}
