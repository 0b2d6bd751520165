import type { Hono } from 'hono';
import type { Clock } from '../../clock.ts';
import { refuseWithoutApiKey } from '../../http/api-key.ts';
import { problemResponse, type Problem } from '../../http/problem.ts';
import { badField, type Read } from '../../http/request.ts';
import type { Logger } from '../../log.ts';
import { describeStripeError } from '../../stripe/failures.ts';
import { NOT_CONFIGURED, sellerAccount, type AccountParts } from '../account.ts';
import { readMonth } from './month.ts';
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
export function statementRoutes(app: Hono, options: StatementRoutesOptions): void {
  const { database, clients, apiKey, clock, logger } = options;
  const { sql } = database;
  let running = 0;

  const answer = async (
    request: Request,
    whose: Pick<Wanted, 'stripe' | 'account' | 'about'>,
    name: string,
  ): Promise<Response> => {
    const asked = readQuery(request, clock.now());
    if ('problem' in asked) return problemResponse(asked.problem);
    if (running >= STATEMENTS_AT_ONCE) return problemResponse(TOO_MANY);
    running += 1;
    const ended = once((error?: unknown) => {
      running -= 1;
      if (error)
        logger.warn({ statement: name, stripe: describeStripeError(error) }, 'a statement was cut short');
    });
    const { format, month } = asked.value;
    const wanted = { ...whose, sql, livemode: clients.livemode ?? false, month };
    const made = await statementOf(wanted, format, ended).catch((error: unknown) => {
      ended();
      throw error;
    });
    if ('problem' in made) {
      ended();
      return problemResponse(made.problem);
    }
    return new Response(made.value, {
      headers: {
        'content-type': TYPES[format],
        'content-disposition': `attachment; filename="statement-${name}-${month.name}.${format}"`,
        'cache-control': 'no-store',
      },
    });
  };

  app.get('/api/connect/sellers/:id/statement', async (context) => {
    const target = await sellerAccount(context.req.raw, context.req.param('id'), options);
    if ('problem' in target) return problemResponse(target.problem);
    const { seller, account, stripe } = target.value;
    return answer(context.req.raw, { stripe, account, about: { seller: seller.id } }, seller.id);
  });

  app.get('/api/connect/statement', async (context) => {
    const refused = refuseWithoutApiKey(context.req.raw, apiKey);
    if (refused) return problemResponse(refused);
    if (clients.livemode === null) return problemResponse(NOT_CONFIGURED);
    return answer(context.req.raw, { stripe: clients.own(), account: '', about: {} }, 'platform');
  });
}

function readQuery(request: Request, nowMs: number): Read<{ format: Format; month: MonthOf }> {
  const query = new URL(request.url).searchParams;
  const unknown = [...query.keys()].find((name) => name !== 'month' && name !== 'format');
  if (unknown !== undefined)
    return { problem: badField(unknown, 'is not known here; known are month, format') };
  const format = query.get('format') ?? 'csv';
  if (format !== 'csv' && format !== 'json')
    return { problem: badField('format', 'must be "csv" or "json"') };
  const month = readMonth(query.get('month') ?? undefined, nowMs);
  return 'problem' in month ? month : { value: { format, month: month.value } };
}

type MonthOf = Wanted['month'];

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
