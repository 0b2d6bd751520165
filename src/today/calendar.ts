const DAY_MS = 24 * 3600 * 1000;
const MINUTE_MS = 60_000;
// No place on earth is further from Greenwich.
const OFFSET_MS_MAX = 16 * 3600 * 1000;
const STEP_MS = 1_000;

/** A day as a place has it: from its first instant to the next day's. */
export interface Day {
  /** `2026-11-30`. */
  date: string;
  from: Date;
  to: Date;
}

/** True for a name of the IANA time zone database. Offsets (`+01:00`) say nothing of summer. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/**
 * The days of one time zone. Node's own table of zones is asked, not the database's: some servers lack the
 * old names that browsers still give (`Asia/Calcutta`).
 */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** The day it is at this instant. */
  dayAt(now: number): Day {
    return this.#days(Math.floor(this.#local(now) / DAY_MS), 1)[0] as Day;
  }

  /** The day that lies so many days before this one. */
  dayBefore({ date }: Day, days: number): Day {
    return this.#days(Date.parse(date) / DAY_MS - days, 1)[0] as Day;
  }

  /** So many days, the last of them `day`; 23 to 25 hours each. */
  daysUntil({ date }: Day, count: number): Day[] {
    return this.#days(Date.parse(date) / DAY_MS - count + 1, count);
  }

  /** So many days before `now`, when the clocks there showed the same minute. */
  sameTimeBefore(now: number, days: number): Date {
    const minute = now - (now % MINUTE_MS);
    const guess = minute - days * DAY_MS;
    const clocksMoved = this.#local(minute) - this.#local(guess) - days * DAY_MS;
    return new Date(guess + clocksMoved);
  }

  /** `first` counts days from the epoch, as the place counts them. */
  #days(first: number, count: number): Day[] {
    const starts = Array.from({ length: count + 1 }, (_, index) => this.#startOf(first + index));
    return starts.slice(0, -1).map((from, index) => {
      const date = new Date((first + index) * DAY_MS).toISOString().slice(0, 10);
      return { date, from, to: starts[index + 1] as Date };
    });
  }

  #startOf(day: number): Date {
    const midnight = day * DAY_MS;
    const guess = midnight - (this.#local(midnight) - midnight);
    const isFirst = this.#local(guess) === midnight && this.#local(guess - STEP_MS) < midnight;
    return new Date(isFirst ? guess : this.#searchStart(midnight));
  }

  // Where summer begins at midnight there is no midnight, and where it ends at one there are two.
  #searchStart(midnight: number): number {
    let before = midnight - OFFSET_MS_MAX;
    let within = midnight + OFFSET_MS_MAX;
    while (within - before > STEP_MS) {
      const middle = before + Math.floor((within - before) / 2 / STEP_MS) * STEP_MS;
      if (this.#local(middle) < midnight) before = middle;
      else within = middle;
    }
    return within;
  }

  /** What the clocks show, as if it were UTC. */
  #local(instant: number): number {
    const parts = this.#format.formatToParts(instant);
    const value = (type: Intl.DateTimeFormatPartTypes): number =>
      Number(parts.find((part) => part.type === type)?.value);
    const [year, month, day] = [value('year'), value('month') - 1, value('day')];
    return Date.UTC(year, month, day, value('hour'), value('minute'), value('second'));
  }
}
