import type { Clock } from '../../clock.ts';
import type { RaiseAlarm } from '../../inbox/alarms.ts';
import { UnderWay } from '../../under-way.ts';
import { absent, CROWDED, refused, unavailable } from './errors.ts';
import type { GrantFailure } from './failures.ts';
import type { ConnectionPlace, Keeper } from './keeper.ts';
import type { OAuthService } from './service.ts';
import { hasEnded, isStale, type Connected, type Held, type Kept } from './tokens.ts';
import type { Turns } from './turns.ts';

// A service that refuses what it has just given means something else: a right that is missing, for example.
const RENEWED_MS_MIN = 60_000;

export interface FreshOptions {
  keeper: Keeper;
  clock: Clock;
  alarm: RaiseAlarm;
  turns: Turns;
}

interface Renewed {
  held: Held | null;
  failure: GrantFailure | null;
}

/** Tokens that are good now. However many ask, in however many processes, a token is refreshed once. */
export class FreshTokens {
  readonly #options: FreshOptions;
  readonly #underWay = new UnderWay<Renewed>();

  constructor(options: FreshOptions) {
    this.#options = options;
  }

  /** Throws `connection_absent`, `connection_refused` or `connection_unavailable`. */
  async get(place: ConnectionPlace, service: OAuthService): Promise<Connected> {
    const { keeper, clock } = this.#options;
    const held = connectedOr(place, await keeper.read(place));
    if (!isStale(held.tokens, clock)) return held;
    if (held.tokens.refreshToken === undefined) {
      if (hasEnded(held.tokens, clock)) throw refused(place.name);
      return held;
    }
    const renewed = await this.#renew(place, service, held.version);
    // It is not over yet: what is about to end is better than nothing.
    if (renewed.failure && isHeldStill(renewed) && !hasEnded(held.tokens, clock)) return held;
    return outcomeOf(place, renewed);
  }

  /** Others in place of tokens that the service did not take; null when others would not help. */
  async instead(place: ConnectionPlace, service: OAuthService, of: Connected): Promise<Connected | null> {
    const { tokens, renewedAt } = of;
    if (tokens.refreshToken === undefined) return null;
    if (renewedAt !== undefined && this.#options.clock.now() - renewedAt < RENEWED_MS_MIN) return null;
    return outcomeOf(place, await this.#renew(place, service, of.version));
  }

  // Those of this process share one connection to the database; among processes the row's lock decides, and
  // who comes second finds another version.
  #renew(place: ConnectionPlace, service: OAuthService, version: number): Promise<Renewed> {
    const { keeper, turns, clock } = this.#options;
    const renew = async (): Promise<Renewed> => {
      let failure: GrantFailure | null = null;
      const held = await keeper.change(place, async (now) => {
        if (now.version !== version || now.status === 'refused') return null;
        const granted = await service.refresh(now.tokens.refreshToken ?? '');
        if ('tokens' in granted) return { status: 'connected', ...granted, renewedAt: clock.now() };
        failure = granted.failure;
        return this.#afterFailure(place, failure);
      });
      return { held, failure };
    };
    const late = async (): Promise<Renewed> => ({ held: await keeper.read(place), failure: CROWDED });
    return this.#underWay.join(`${place.owner}/${place.name}/${version}`, () =>
      turns.take(place.name, renew, late),
    );
  }

  #afterFailure({ owner, name }: ConnectionPlace, { kind, words }: GrantFailure): Kept | null {
    const { alarm } = this.#options;
    const subject = `${owner}/${name}`;
    if (kind === 'grant_refused') {
      alarm('connection_refused', subject, `The user has to connect anew; the service says: ${words}`);
      return { status: 'refused' };
    }
    if (kind === 'client_refused') {
      alarm('connection_client_refused', subject, `Check the client's id and secret; it says: ${words}`);
    }
    return null;
  }
}

function isHeldStill({ held }: Renewed): boolean {
  return held?.status === 'connected';
}

function outcomeOf(place: ConnectionPlace, { held, failure }: Renewed): Connected {
  const connected = connectedOr(place, held);
  if (failure) throw unavailable(place.name, failure);
  return connected;
}

function connectedOr({ name }: ConnectionPlace, held: Held | null): Connected {
  if (!held) throw absent(name);
  if (held.status === 'refused') throw refused(name);
  return held;
}
