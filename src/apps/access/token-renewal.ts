import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import { QuittanceError } from '../../errors.ts';
import type { RaiseAlarm } from '../../inbox/alarms.ts';
import { Turnstile } from '../../movements/turnstile.ts';
import type { StripeClients } from '../../stripe/clients.ts';
import { stripeFailure } from '../../stripe/failures.ts';
import { isInvalidGrant } from '../../stripe/oauth.ts';
import { UnderWay } from '../../under-way.ts';
import { deleteVault } from '../../vault/rows.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Install } from '../install.ts';
import {
  askForTokens,
  endOfToken,
  findTokens,
  keepTokens,
  lockTokens,
  tokenPlace,
  type FoundTokens,
} from './tokens.ts';

// A call begins with a token that outlasts it and its repeats.
const LEFT_MS_MIN = 2 * 60 * 1000;
// Two tries of it stay below what PostgreSQL lets others wait for the row (15 s).
const TIMEOUT_MS = 6_000;
const RETRIES = 1;
// Each holds a connection while Stripe is asked: when Stripe is slow, pages and the API need the others.
const RENEWALS_AT_ONCE = 2;
const WAIT_MS_MAX = 15_000;

export interface TokenRenewalOptions {
  clients: StripeClients;
  database: Pick<Database, 'sql' | 'transaction'>;
  vault: Vault;
  clock: Clock;
  alarm: RaiseAlarm;
}

type Renewal = { token: string } | 'absent' | 'refused' | { failure: unknown };

/**
 * Access tokens of installs by OAuth, renewed when they end: once, although many processes ask. The row's lock
 * keeps others away while Stripe is asked, and a token is used only after the commit that keeps it.
 */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  readonly #underWay = new UnderWay<string | null>();
  readonly #turns = new Turnstile(RENEWALS_AT_ONCE);

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  /**
   * A token that is good now. `expired` is one that Stripe has called expired. Null when there is none (any
   * more). Throws Stripe's errors when a new one can't be had at the moment; nothing is lost by it.
   */
  async token(install: Install, expired?: string): Promise<string | null> {
    const { database, vault } = this.#options;
    const kept = await findTokens(database.sql, vault, install.id);
    if (!kept) return null;
    if (this.#isGood(kept, expired)) return kept.access_token;
    return this.#underWay.join(install.id, () => this.#inTurn(install, expired));
  }

  async #inTurn(install: Install, expired: string | undefined): Promise<string | null> {
    const asked = performance.now();
    return this.#turns.pass(async () => {
      if (performance.now() - asked > WAIT_MS_MAX) throw tooMany();
      return this.#renew(install, expired);
    });
  }

  async #renew(install: Install, expired: string | undefined): Promise<string | null> {
    const { database, vault, alarm } = this.#options;
    const renewal = await database.transaction(async (sql): Promise<Renewal> => {
      const kept = await lockTokens(sql, vault, install.id);
      if (!kept) return 'absent';
      if (this.#isGood(kept, expired)) return { token: kept.access_token };
      return this.#ask(sql, install, kept);
    });
    if (renewal === 'refused') alarm('app_token_refused', install.account, REFUSED);
    if (renewal === 'refused' || renewal === 'absent') return null;
    if ('failure' in renewal) throw renewal.failure;
    return renewal.token;
  }

  async #ask(sql: Sql, install: Install, kept: FoundTokens): Promise<Renewal> {
    const { clients, vault, clock } = this.#options;
    const { refresh_token } = kept;
    const endsAt = endOfToken(clock.now());
    try {
      const params = { grant_type: 'refresh_token', refresh_token };
      const idempotencyKey = keyOf(install, kept);
      const answer = await askForTokens(clients.own(), params, {
        idempotencyKey,
        timeout: TIMEOUT_MS,
        maxNetworkRetries: RETRIES,
      });
      await keepTokens(sql, vault, install.id, { ...answer, tries: 0 }, endsAt);
      return { token: answer.access_token };
    } catch (error) {
      if (isInvalidGrant(error)) {
        await deleteVault(sql, tokenPlace(install.id));
        return 'refused';
      }
      const failure = stripeFailure(error);
      if (failure !== 'server_error' && failure !== 'rejected') throw error;
      await keepTokens(sql, vault, install.id, { ...kept, tries: kept.tries + 1 }, new Date(kept.endsAt));
      return { failure: error };
    }
  }

  #isGood({ access_token, endsAt }: FoundTokens, expired: string | undefined): boolean {
    return access_token !== expired && endsAt - this.#options.clock.now() > LEFT_MS_MIN;
  }
}

/**
 * The same for the same refresh token, in whatever process: whoever comes after a crash between Stripe's answer
 * and our commit is given that answer again, where without it Stripe would say that the token was used. Stripe
 * repeats its errors as well, so after one the key is another.
 */
function keyOf(install: Install, { refresh_token, tries }: FoundTokens): string {
  const digest = createHash('sha256').update(`${install.id}\n${refresh_token}\n${tries}`).digest('hex');
  return `quittance-app-token-${digest.slice(0, 32)}`;
}

const REFUSED =
  'Stripe no longer takes the refresh token of this account, so its tokens were dropped and no call can be ' +
  'made for it: it has to install the app anew, at /apps/install.';

function tooMany(): QuittanceError {
  const message = 'Too many access tokens wait to be renewed, since Stripe answers slowly. Try again soon.';
  return new QuittanceError({ code: 'stripe_unavailable', message });
}
