import type { Hono } from 'hono';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { QuittanceError } from '../errors.ts';
import type { Addresses } from '../http/address.ts';
import type { Api } from '../http/api.ts';
import type { Gate } from '../http/caller.ts';
import type { Logger } from '../log.ts';
import { configureAdmin } from './admin.ts';
import { operatorGate } from './gate.ts';
import { KnownBrowsers } from './known-browsers.ts';
import { Limiter } from './limiter.ts';
import { Provider } from './oidc/provider.ts';
import { OIDC_CALLBACK, oidcRoutes } from './oidc/routes.ts';
import { Operators } from './operators.ts';
import { Passwords } from './passwords.ts';
import { operatorRoutes } from './routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { Sessions, type SessionTimes } from './sessions.ts';
import type { OidcSettings } from './settings.ts';
import { SignIn } from './sign-in.ts';

const STRIPE_DASHBOARD = 'https://dashboard.stripe.com';

export interface OperatorPartsOptions {
  settings: {
    apiKey?: string | undefined;
    publicUrl: string;
    secret: string;
    shopName: string;
    stripeApiBase?: string | undefined;
    adminPassword?: string | undefined;
    console: SessionTimes;
    oidcIssuer?: string | undefined;
    oidcClientId?: string | undefined;
    oidcClientSecret?: string | undefined;
    oidc: OidcSettings;
  };
  version: string;
  database: Database;
  clock: Clock;
  logger: Logger;
  addresses: Addresses;
  side: { livemode: boolean };
  /** Told of each try to sign in: `accepted`, or the code of the problem. */
  count: (result: string) => void;
}

/** Who may do what: operators, how they sign in, and the gate before the API. */
export class OperatorParts {
  readonly gate: Gate;
  readonly #options: OperatorPartsOptions;
  readonly #sessions: Sessions;
  readonly #passwords = new Passwords();

  constructor(options: OperatorPartsOptions) {
    const { settings, database, clock, addresses } = options;
    if (settings.oidcIssuer !== undefined) refuseWithoutRoles(settings.oidc);
    this.#options = options;
    this.#sessions = new Sessions({ database, clock, times: settings.console });
    this.gate = operatorGate({
      database,
      sessions: this.#sessions,
      addresses,
      apiKey: settings.apiKey,
      publicUrl: settings.publicUrl,
      hasOidc: settings.oidcIssuer !== undefined,
    });
  }

  /** Brings the operator `admin` to the password of the options. */
  async start(): Promise<void> {
    const { settings, database, clock, logger } = this.#options;
    const { adminPassword } = settings;
    if (adminPassword === undefined) return;
    await configureAdmin({ database, clock, logger, passwords: this.#passwords }, adminPassword);
  }

  addRoutes(app: Hono, api: Api): void {
    const { settings, database, clock, side, version, count } = this.#options;
    const { publicUrl, secret, shopName, stripeApiBase, oidcIssuer } = settings;
    const limiter = new Limiter({ sql: database.sql, clock, secret });
    const browsers = new KnownBrowsers(secret);
    const common = {
      database,
      clock,
      sessions: this.#sessions,
      passwords: this.#passwords,
      limiter,
      browsers,
    };
    const signIn = new SignIn(common);
    const adminIsConfigured = settings.adminPassword !== undefined;
    const dashboard = stripeApiBase ? `${stripeApiBase}/_sim` : STRIPE_DASHBOARD;
    sessionRoutes(api, {
      ...common,
      signIn,
      count,
      adminIsConfigured,
      oidc: oidcIssuer === undefined ? null : settings.oidc.name,
      place: { livemode: side.livemode, shop_name: shopName, version, stripe: { dashboard } },
    });
    operatorRoutes(api, { operators: new Operators({ database, clock, publicUrl }), adminIsConfigured });
    if (oidcIssuer !== undefined) this.#addOidc(app, signIn, oidcIssuer);
  }

  #addOidc(app: Hono, signIn: SignIn, issuer: string): void {
    const { settings, clock } = this.#options;
    const provider = new Provider({
      issuer,
      clientId: settings.oidcClientId ?? '',
      clientSecret: settings.oidcClientSecret,
      settings: settings.oidc,
      redirectUri: `${settings.publicUrl}${OIDC_CALLBACK}`,
      clock,
    });
    oidcRoutes(app, { ...this.#options, settings: settings.oidc, provider, signIn });
  }
}

// Not a rule of the options: the issuer may come from the environment, and the roles from a file.
function refuseWithoutRoles({ roles }: OidcSettings): void {
  if (Object.values(roles).some((who) => who.length > 0)) return;
  throw new QuittanceError({
    code: 'invalid_options',
    message: 'oidc.roles is missing: there is an OpenID provider, and nobody it knows could sign in.',
  });
}
