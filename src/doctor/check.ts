import { setTimeout as wait } from 'node:timers/promises';
import { describeError } from '../errors.ts';

const CHECK_MS_MAX = 10_000;

export const STATUSES = ['ok', 'warn', 'fail', 'unknown'] as const;
export type Status = (typeof STATUSES)[number];

export const GROUPS = ['Stripe', 'Webhooks', 'Database', 'Processes', 'Settings'] as const;

/** Which of our addresses Stripe posts to, and what comes there. */
export const ENDPOINTS = ['own', 'connect', 'thin'] as const;
export type EndpointName = (typeof ENDPOINTS)[number];

/** What a check found. */
export interface Finding {
  status: Status;
  /** What is, in a sentence or two. */
  found: string;
  /** What to do; null when there is nothing to do. */
  mend: string | null;
  /** The endpoint that `POST /api/doctor/repair-endpoint` would mend. */
  repair?: EndpointName;
}

export interface Checker {
  id: string;
  group: (typeof GROUPS)[number];
  title: string;
  run: () => Promise<Finding>;
}

export interface Check extends Omit<Finding, 'repair'> {
  id: string;
  group: (typeof GROUPS)[number];
  title: string;
  repair: EndpointName | null;
}

/** Runs all of them side by side, each for ten seconds at most. One that fails is `unknown`. */
export async function runChecks(checkers: readonly Checker[]): Promise<Check[]> {
  return Promise.all(
    checkers.map(async ({ run, ...about }) => {
      const { repair = null, ...finding } = await inTime(run);
      return { ...about, ...finding, repair };
    }),
  );
}

export const ok = (found: string): Finding => ({ status: 'ok', found, mend: null });
export const warn = (found: string, mend: string): Finding => ({ status: 'warn', found, mend });
export const fail = (found: string, mend: string): Finding => ({ status: 'fail', found, mend });
export const unknown = (found: string, mend: string | null = null): Finding => ({
  status: 'unknown',
  found,
  mend,
});

/** Trouble of several kinds, of which the worst decides; `fine` when there is none. */
export function worstOf(fine: string, found: readonly Finding[]): Finding {
  const trouble = found.filter(({ status }) => status !== 'ok');
  const [first] = trouble;
  if (!first) return ok(fine);
  const status = (['fail', 'warn', 'unknown'] as const).find((each) =>
    trouble.some((one) => one.status === each),
  );
  const repair = trouble.find((one) => one.repair)?.repair;
  return {
    ...(repair ? { repair } : {}),
    status: status ?? 'unknown',
    found: trouble.map((one) => one.found).join(' '),
    mend: trouble.flatMap(({ mend }) => mend ?? []).join(' ') || null,
  };
}

async function inTime(run: () => Promise<Finding>): Promise<Finding> {
  const over = new AbortController();
  const late = wait(CHECK_MS_MAX, null, { signal: over.signal, ref: false }).catch(() => null);
  try {
    const found = await Promise.race([run(), late]);
    return found ?? unknown(`No answer within ${CHECK_MS_MAX / 1000} s.`, 'Try again; look at the log.');
  } catch (error) {
    return unknown(`It could not be looked at: ${describeError(error)}.`);
  } finally {
    over.abort();
  }
}
