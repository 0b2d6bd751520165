import type { Clock } from '../clock.ts';
import { describeError } from '../errors.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Envelope } from '../inbox/envelope.ts';
import type { Logger } from '../log.ts';
import type { RefusalCode, WebhookWatch } from './webhook.ts';

// An old request may be somebody repeating it; three, each signed later than the one before and none of them
// fresh, are our clock.
const STALE_SUSPECT = 3;
const SUSPICION_MS = 10 * 60_000;

/** What came of a request at an entrance. */
interface Seen {
  result: 'accepted' | 'quarantined' | 'internal_error' | RefusalCode;
  endpoint: string;
  /** `unknown` when the request could not be trusted. */
  mode: 'live' | 'test' | 'unknown';
}

export interface EntranceWatchOptions {
  clock: Clock;
  logger: Logger;
  alarm: RaiseAlarm;
  count: (seen: Seen) => void;
  /**
   * An endpoint that gets test events beside live ones by Stripe's design, or null: who installs an app in
   * both modes is told of in test mode at both endpoints.
   */
  testEventsAt: string | null;
}

/** Watches over the webhook entrances: counts, alarms, and whether our clock can be trusted. */
export class EntranceWatch implements WebhookWatch {
  readonly #options: EntranceWatchOptions;
  #staleInARow = 0;
  #lastSignedAtSeconds = 0;
  #lastStaleAt = 0;

  constructor(options: EntranceWatchOptions) {
    this.#options = options;
  }

  /** Why readiness suffers, or null. */
  clockTrouble(): string | null {
    const since = this.#options.clock.now() - this.#lastStaleAt;
    // Less than nothing: the clock has been set back meanwhile, which is what was asked for.
    const recent = since >= 0 && since < SUSPICION_MS;
    if (this.#staleInARow < STALE_SUSPECT || !recent) return null;
    return 'rightly signed events arrive too old: the clock of this server runs fast';
  }

  accepted({ livemode }: Envelope, endpoint: string): void {
    this.#staleInARow = 0;
    this.#options.count({ result: 'accepted', endpoint, mode: modeOf(livemode) });
  }

  refused(code: RefusalCode, endpoint: string): void {
    const { count, alarm, logger } = this.#options;
    count({ result: code, endpoint, mode: 'unknown' });
    if (code === 'body_too_large') {
      alarm(
        'webhook_too_large',
        '',
        'a webhook body over 1 MiB was refused: if it was Stripe, that event is lost',
      );
    } else if (code === 'invalid_signature' || code === 'missing_signature') {
      logger.debug({ code }, 'webhook refused');
    }
  }

  stale(signedAtSeconds: number): void {
    if (signedAtSeconds <= this.#lastSignedAtSeconds) return;
    this.#lastSignedAtSeconds = signedAtSeconds;
    this.#lastStaleAt = this.#options.clock.now();
    this.#staleInARow += 1;
    const trouble = this.clockTrouble();
    if (trouble) this.#options.alarm('clock_ahead', '', trouble);
  }

  clockBehind(): void {
    const detail = 'an event was signed more than 300 s in the future: the clock of this server runs slow';
    this.#options.alarm('clock_behind', '', detail);
  }

  quarantined({ id, type, problem, livemode }: Envelope, path: string): void {
    const { count, alarm, testEventsAt } = this.#options;
    count({ result: 'quarantined', endpoint: path, mode: modeOf(livemode) });
    if (problem === 'livemode_mismatch' && !livemode && path === testEventsAt) return;
    alarm('event_quarantined', problem ?? '', `event ${id} (${type}) was put aside: ${problem}`);
  }

  broke(error: unknown, endpoint: string): void {
    this.#options.count({ result: 'internal_error', endpoint, mode: 'unknown' });
    const text = error instanceof Error ? error.stack : describeError(error);
    this.#options.logger.error({ error: text }, 'webhook failed');
  }
}

function modeOf(livemode: boolean): Seen['mode'] {
  return livemode ? 'live' : 'test';
}
