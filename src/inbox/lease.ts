import type { Sql } from '../db/sql.ts';
import { QuittanceError } from '../errors.ts';

/** The permission to use a transaction that belongs to somebody else. */
export class Lease {
  /** True when whoever held it has returned, or was late. */
  over = false;
  /** Statements that PostgreSQL has not answered yet. */
  pending = 0;
}

/** Something neither returned nor threw in time. Its connection may be busy and is not used again. */
export class HandlerTimeout extends QuittanceError {
  /** True when PostgreSQL owed it an answer: it may have stood behind somebody else's statement. */
  readonly inStatement: boolean;

  constructor(what: string, seconds: number, inStatement: boolean) {
    super({
      code: 'handler_timeout',
      message: `${what} had not returned after ${seconds} s. Move slow work into a job.`,
    });
    this.inStatement = inStatement;
  }
}

/**
 * `sql` for as long as the lease runs: a statement from a promise that nobody awaited would otherwise land
 * in the transaction of another event.
 */
export function leasedSql(sql: Sql, lease: Lease): Sql {
  const answered = (): void => {
    lease.pending -= 1;
  };
  return function run<Row>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]> {
    if (lease.over) return Promise.reject(leaseIsOver());
    if (TRANSACTION_CONTROL.test(strings[0] ?? '')) return Promise.reject(transactionControl());
    lease.pending += 1;
    const answer = sql<Row>(strings, ...values);
    // A failure that nobody awaits fails the transaction, which tells of it: it must not end the process.
    answer.then(answered, answered);
    return answer;
  };
}

/** The same for anything else that uses the transaction. */
export function leased<Arguments extends unknown[], Result>(
  call: (...given: Arguments) => Promise<Result>,
  lease: Lease,
): (...given: Arguments) => Promise<Result> {
  return (...given) => (lease.over ? Promise.reject(leaseIsOver()) : call(...given));
}

/** Runs `work` under a lease of its own. Throws `HandlerTimeout` after `ms` milliseconds. */
export async function underLease<T>(
  work: (lease: Lease) => T | Promise<T>,
  { what, ms, secondsMax }: { what: string; ms: number; secondsMax: number },
): Promise<T> {
  const lease = new Lease();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HandlerTimeout(what, secondsMax, lease.pending > 0)),
      Math.max(ms, 0),
    );
  });
  try {
    return await Promise.race([(async () => work(lease))(), late]);
  } finally {
    lease.over = true;
    clearTimeout(timer);
  }
}

const COMMENTS = String.raw`(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)*`;
const CONTROL = [
  'begin|start transaction|commit|end|rollback|abort|savepoint|release|prepare transaction|discard',
  'set transaction|set local transaction|set session transaction|set session characteristics',
].join('|');
const TRANSACTION_CONTROL = new RegExp(String.raw`^${COMMENTS}(?:${CONTROL.replaceAll(' ', '\\s+')})\b`, 'i');

function leaseIsOver(): QuittanceError {
  return new QuittanceError({
    code: 'handler_over',
    message: 'sql was used after its handler had returned: await every statement inside the handler.',
  });
}

function transactionControl(): QuittanceError {
  return new QuittanceError({
    code: 'transaction_control',
    message: 'A handler runs inside a transaction that is not its own: leave begin, commit and rollback out.',
  });
}
