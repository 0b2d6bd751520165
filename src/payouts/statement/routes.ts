import type { Clock } from '../../clock.ts';
import type { Answered, Api } from '../../http/api.ts';
import type { Problem } from '../../http/problem.ts';
import type { Logger } from '../../log.ts';
import { describeStripeError } from '../../stripe/failures.ts';
import { NOT_CONFIGURED, sellerAccount, type AccountParts } from '../account.ts';
import { GET_PLATFORM_STATEMENT, GET_SELLER_STATEMENT } from '../operations.ts';
import { monthOf } from './month.ts';
import { statementOf, type Format, type Wanted } from './statement.ts';

// Each reads page after page for as long as it takes; more at once would take the read budget from others.
const STATEMENTS_AT_ONCE = 2;
const RETRY_AFTER_SECONDS = 10;

export interface StatementRoutesOptions extends AccountParts {
  clock: Clock;
  logger: Logger;
}

const TYPES: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json',
};

/** The statement of a month: of a seller, and of the platform's own account. */
export function statementRoutes(api: Api, options: StatementRoutesOptions): void {
  const { database, clients, clock, logger } = options;
  const { sql } = database;
  let running = 0;

  const answer = async (
    { month: asked, format }: { month: string; format: Format },
    whose: Pick<Wanted, 'stripe' | 'account' | 'about'>,
    name: string,
  ): Promise<Answered<never>> => {
    const month = monthOf(asked, clock.now());
    if ('problem' in month) return month;
    if (running >= STATEMENTS_AT_ONCE) return { problem: TOO_MANY };
    running += 1;
    const ended = once((error?: unknown) => {
      running -= 1;
      if (error)
        logger.warn({ statement: name, stripe: describeStripeError(error) }, 'a statement was cut short');
    });
    const wanted = { ...whose, sql, livemode: clients.livemode ?? false, month: month.value };
    const made = await statementOf(wanted, format, ended).catch((error: unknown) => {
      ended();
      throw error;
    });
    if ('problem' in made) {
      ended();
      return made;
    }
    return new Response(made.value, {
      headers: {
        'content-type': TYPES[format],
        'content-disposition': `attachment; filename="statement-${name}-${asked}.${format}"`,
        'cache-control': 'no-store',
      },
    });
  };

  api.on(GET_SELLER_STATEMENT, async ({ params, query }) => {
    const target = await sellerAccount(params.id ?? '', options);
    if ('problem' in target) return target;
    const { seller, account, stripe } = target.value;
    return answer(query, { stripe, account, about: { seller: seller.id } }, seller.id);
  });

  api.on(GET_PLATFORM_STATEMENT, async ({ query }) => {
    if (clients.livemode === null) return { problem: NOT_CONFIGURED };
    return answer(query, { stripe: clients.own(), account: '', about: {} }, 'platform');
  });
}

function once<Argument>(work: (argument?: Argument) => void): (argument?: Argument) => void {
  let isDone = false;
  return (argument) => {
    if (!isDone) work(argument);
    isDone = true;
  };
}

const TOO_MANY: Problem = {
  status: 503,
  code: 'statements_busy',
  detail: `This process makes ${STATEMENTS_AT_ONCE} statements at a time. Try again when one is done.`,
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
