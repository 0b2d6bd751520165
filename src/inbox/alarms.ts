import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../log.ts';

const REPEAT_MS_MIN = 10_000;

/** Something a person should look at: in the log, in the table `quittance.alarm`, and counted. */
export type RaiseAlarm = (code: string, subject: string, detail: string) => void;

/** Raises alarms. The same one is written down once in ten seconds at most, so a storm stays readable. */
export function alarmsOf(
  { database, logger, clock }: { database: Database; logger: Logger; clock: Clock },
  count: (code: string) => void,
): RaiseAlarm {
  const lastRaised = new Map<string, number>();
  return (code, subject, detail) => {
    count(code);
    const key = `${code} ${subject}`;
    const now = clock.now();
    const since = now - (lastRaised.get(key) ?? Number.NEGATIVE_INFINITY);
    // Less than nothing: the clock was set back, and must not silence us until the old time comes round.
    if (since >= 0 && since < REPEAT_MS_MIN) return;
    if (lastRaised.size > 10_000) lastRaised.clear();
    lastRaised.set(key, now);
    logger.error({ alarm: code, subject }, detail);
    const written = database.sql`
      insert into quittance.alarm (code, subject, detail) values (${code}, ${subject}, ${detail})
      on conflict (code, subject)
      do update set detail = excluded.detail, count = alarm.count + 1, last_at = now()`;
    // The log has it; a database that is away must not turn one alarm into two failures.
    written.catch((error: unknown) => logger.warn({ alarm: code, error: String(error) }, 'alarm not stored'));
  };
}
