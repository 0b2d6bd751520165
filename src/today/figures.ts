import type { z } from 'zod';
import type { Sql } from '../db/sql.ts';
import { UNANSWERED_STATUSES } from '../disputes/dispute.ts';
import type { Money } from '../money.ts';
import { Calendar, type Day } from './calendar.ts';
import type { GET_REVENUE, GET_TODAY } from './operations.ts';
import {
  alarmsSince,
  paidIn,
  refundedIn,
  sellerOfAccount,
  triedIn,
  waiting,
  type Scope,
  type Span,
  type Sum,
  type Tried,
} from './rows.ts';
import { paidToSellerIn, refundedOfSellerIn, triedOfSellerIn } from './seller-rows.ts';

const WEEK_DAYS = 7;
const DAY_MS = 24 * 3600 * 1000;
const ALARMS_MAX = 20;

export type Today = z.input<typeof GET_TODAY.answer>;
export type Revenue = z.input<typeof GET_REVENUE.answer>;
type CurrencyToday = Today['revenue'][number];

/** What is asked for: whose figures, and where it is day. */
export interface Question {
  livemode: boolean;
  account: string | null;
  tz: string;
}

/** The figures of the day it is at `now` in the zone that is asked for, beside those of a week before. */
export async function readToday(sql: Sql, question: Question, now: number): Promise<Today> {
  const { livemode, account, tz } = question;
  const scope = await scopeOf(sql, question);
  const figures = figuresOf(sql, scope);
  const calendar = new Calendar(tz);
  const day = calendar.dayAt(now);
  const weekAgo = calendar.dayBefore(day, WEEK_DAYS);
  const spans = [
    { name: 'today', ...day },
    { name: 'last_week', ...weekAgo },
    { name: 'so_far', from: weekAgo.from, to: calendar.sameTimeBefore(now, WEEK_DAYS) },
  ];
  const paid = await figures.paid(spans);
  const refunded = await figures.refunded(spans.slice(0, 1));
  const { dispute, evidence_due_by, has_payments, ...counts } = await waiting(
    sql,
    scope,
    UNANSWERED_STATUSES,
  );
  const alarms = await alarmsSince(sql, new Date(now - DAY_MS), ALARMS_MAX);
  return {
    livemode,
    account,
    tz,
    date: day.date,
    last_week_date: weekAgo.date,
    revenue: currenciesOf([...paid, ...refunded]).map((currency) => revenueOf(currency, paid, refunded)),
    success: await figures.tried(day),
    ...counts,
    next_deadline: dispute && evidence_due_by ? { dispute, due_by: evidence_due_by.toISOString() } : null,
    has_payments,
    alarms: alarms.map((alarm) => ({ ...alarm, last_at: alarm.last_at.toISOString() })),
  };
}

/** So many days until `now`, each with what was paid and what was refunded, those without either too. */
export async function readRevenue(
  sql: Sql,
  { days, ...question }: Question & { days: number },
  now: number,
): Promise<Revenue> {
  const scope = await scopeOf(sql, question);
  const figures = figuresOf(sql, scope);
  const calendar = new Calendar(question.tz);
  const all = calendar.daysUntil(calendar.dayAt(now), days);
  const spans = all.map(({ date: name, from, to }): Span => ({ name, from, to }));
  const [first, last] = [all[0] as Day, all.at(-1) as Day];
  const [paid, refunded, success] = await Promise.all([
    figures.paid(spans),
    figures.refunded(spans),
    figures.tried({ from: first.from, to: last.to }),
  ]);
  return {
    ...question,
    success,
    data: all.map(({ date }) => {
      const [paidThen, refundedThen] = [paid, refunded].map((sums) =>
        sums.filter((sum) => sum.span === date),
      );
      return { date, revenue: dayOf(paidThen ?? [], refundedThen ?? []) };
    }),
  };
}

async function scopeOf(sql: Sql, { livemode, account }: Question): Promise<Scope> {
  const seller = account === null ? null : await sellerOfAccount(sql, livemode, account);
  return { livemode, account, seller };
}

interface Figures {
  paid: (spans: readonly Span[]) => Promise<Sum[]>;
  refunded: (spans: readonly Span[]) => Promise<Sum[]>;
  tried: (span: Omit<Span, 'name'>) => Promise<Tried>;
}

function figuresOf(sql: Sql, { livemode, seller }: Scope): Figures {
  return seller === null
    ? {
        paid: (spans) => paidIn(sql, livemode, spans),
        refunded: (spans) => refundedIn(sql, livemode, spans),
        tried: (span) => triedIn(sql, livemode, span),
      }
    : {
        paid: (spans) => paidToSellerIn(sql, seller, spans),
        refunded: (spans) => refundedOfSellerIn(sql, seller, spans),
        tried: (span) => triedOfSellerIn(sql, seller, span),
      };
}

function dayOf(paid: readonly Sum[], refunded: readonly Sum[]): Revenue['data'][number]['revenue'] {
  return currenciesOf([...paid, ...refunded]).map((currency) => {
    const { amount, count } = sumIn(paid, currency);
    return { amount, payments: count, refunded: sumIn(refunded, currency).amount };
  });
}

function revenueOf(currency: string, paid: readonly Sum[], refunded: readonly Sum[]): CurrencyToday {
  const within = (span: string): ReturnType<typeof sumIn> =>
    sumIn(
      paid.filter((sum) => sum.span === span),
      currency,
    );
  const [today, whole, soFar, back] = [
    within('today'),
    within('last_week'),
    within('so_far'),
    sumIn(refunded, currency),
  ];
  const average = today.count > 0 ? Math.round(today.amount.value / today.count) : null;
  return {
    currency,
    amount: today.amount,
    payments: today.count,
    average: average === null ? null : { value: average, currency },
    refunded: back.amount,
    refunds: back.count,
    last_week: { amount: whole.amount, payments: whole.count },
    last_week_so_far: { amount: soFar.amount, payments: soFar.count },
  };
}

function sumIn(sums: readonly Sum[], currency: string): { amount: Money; count: number } {
  const found = sums.find((sum) => sum.currency === currency);
  return { amount: { value: found?.amount ?? 0, currency }, count: found?.count ?? 0 };
}

function currenciesOf(sums: readonly Sum[]): string[] {
  return [...new Set(sums.map(({ currency }) => currency))].toSorted();
}
