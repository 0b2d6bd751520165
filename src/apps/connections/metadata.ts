import * as oauth from 'oauth4webapi';
import type { Clock } from '../../clock.ts';
import { QuittanceError } from '../../errors.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { UnderWay } from '../../under-way.ts';
import type { ConnectionSettings } from '../settings.ts';

const CACHED_MS = 60 * 60 * 1000;
const NOT_FOUND = 404;

export interface MetadataOptions {
  name: string;
  settings: ConnectionSettings;
  outbound: Outbound;
  clock: Clock;
}

/** Where a service is: as the options say, and for the rest as its metadata do (RFC 8414). */
export class ServiceMetadata {
  readonly #options: MetadataOptions;
  readonly #underWay = new UnderWay<oauth.AuthorizationServer>();
  #known: { server: oauth.AuthorizationServer; until: number } | undefined;

  constructor(options: MetadataOptions) {
    this.#options = options;
  }

  /** Throws `connection_not_configured`, and the errors of a call to who does not answer rightly. */
  async read(): Promise<oauth.AuthorizationServer> {
    const { settings, name } = this.#options;
    const { issuer, authorizationEndpoint, tokenEndpoint, revocationEndpoint } = settings;
    if (!settings.clientId || !(issuer || (authorizationEndpoint && tokenEndpoint))) {
      throw notConfigured(name);
    }
    const isWhole = authorizationEndpoint !== undefined && tokenEndpoint !== undefined;
    const found = issuer === undefined || isWhole ? null : await this.#discovered(new URL(issuer));
    return {
      ...found,
      issuer: found?.issuer ?? issuer ?? new URL(tokenEndpoint as string).origin,
      ...(authorizationEndpoint === undefined ? {} : { authorization_endpoint: authorizationEndpoint }),
      ...(tokenEndpoint === undefined ? {} : { token_endpoint: tokenEndpoint }),
      ...(revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }),
    };
  }

  async #discovered(issuer: URL): Promise<oauth.AuthorizationServer> {
    const { clock } = this.#options;
    const known = this.#known;
    if (known && known.until > clock.now()) return known.server;
    return this.#underWay.join('', async () => {
      try {
        const server = await this.#discover(issuer);
        this.#known = { server, until: clock.now() + CACHED_MS };
        return server;
      } catch (error) {
        // What was true an hour ago most likely still is.
        if (known) return known.server;
        throw error;
      }
    });
  }

  // The older place of OpenID Connect, where there is none of OAuth's.
  async #discover(issuer: URL): Promise<oauth.AuthorizationServer> {
    const options = requestOptions(this.#options);
    const answer = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
    if (answer.status !== NOT_FOUND) return oauth.processDiscoveryResponse(issuer, answer);
    const older = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oidc' });
    return oauth.processDiscoveryResponse(issuer, older);
  }
}

/** How the library calls a service: through the guard, and by http only into a network of one's own. */
export function requestOptions({ outbound, settings }: Pick<MetadataOptions, 'outbound' | 'settings'>) {
  const call = (url: string, init: RequestInit): Promise<Response> => outbound.fetch(url, init);
  return { [oauth.customFetch]: call, [oauth.allowInsecureRequests]: settings.allowPrivateNetwork };
}

function notConfigured(name: string): QuittanceError {
  return new QuittanceError({
    code: 'connection_not_configured',
    message:
      `The connection "${name}" can't be made by OAuth: set its clientId, and either its issuer or both ` +
      'authorizationEndpoint and tokenEndpoint.',
  });
}
