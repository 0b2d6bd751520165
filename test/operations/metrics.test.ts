import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { routeOf } from '../../src/stripe/route.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { runShop, STRIPE_KEY, type Shop } from '../support/shop.ts';

const SEVERITIES = new Set(['critical', 'warning']);
const TOKEN = 'a-token-of-sixteen-or-more';

const read = (file: string): string =>
  readFileSync(new URL(`../../docs/operations/${file}`, import.meta.url), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

interface Panel {
  type: string;
  title: string;
  targets?: { expr: string }[];
}

const rules = (parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  panels: Panel[];
  templating: { list: { name: string; type: string; query: unknown }[] };
};

/** Metrics that an expression names, without the suffixes of a histogram. */
function namesIn(expression: string): string[] {
  const names = expression.match(/\b(?:quittance|process|nodejs)_\w+/g) ?? [];
  return names.map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
}

let shop: Shop;
const ran: string[] = [];

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  shop = await runShop(
    { url, sql: database.sql },
    {
      handlers: {
        'customer.updated': async ({ object, stripe, enqueue }) => {
          await stripe.customers.retrieve(String(object.id));
          await enqueue('greet', object.id);
        },
      },
      jobs: { greet: (customer) => void ran.push(String(customer)) },
    },
  );
});

async function shown(at: { url: string } = shop): Promise<string> {
  const response = await fetch(`${at.url}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

/** The sum of the series of a name whose labels hold all of these. */
function sumOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text.split('\n').filter((line) => new RegExp(`^${name}[{ ]`).test(line));
  const fitting = lines.filter((line) => wanted.every((part) => line.includes(part)));
  return fitting.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describe('/metrics', () => {
  it('shows the way of an event: handled in time, its job, its calls to Stripe', async () => {
    const before = await shown();
    const customer = await fetch(`${shop.simulator.url}/v1/customers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${STRIPE_KEY}` },
    });
    const { id } = (await customer.json()) as { id: string };
    await shop.post(makeEvent({ type: 'customer.updated', data: { object: { id, object: 'customer' } } }));
    await until(async () => ran.includes(id), 'the job');
    const call = { method: 'GET', route: '/v1/customers/{id}', status: '200' };
    const text = await until(async () => {
      const now = await shown();
      return sumOf(now, 'quittance_job_seconds_count', { name: 'greet', outcome: 'done' }) === 1 && now;
    }, 'the run to be counted');
    expect(sumOf(text, 'quittance_stripe_call_seconds_count', call)).toBe(1);
    expect(sumOf(before, 'quittance_stripe_call_seconds_count', call)).toBe(0);
    expect(sumOf(text, 'quittance_event_handled_seconds_count')).toBe(
      sumOf(text, 'quittance_events_handled_total', { outcome: 'done' }) +
        sumOf(text, 'quittance_events_unhandled_total'),
    );
    const slow = sumOf(text, 'quittance_event_handled_seconds_sum');
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(20);
    expect(sumOf(text, 'quittance_database_up')).toBe(1);
    expect(sumOf(text, 'quittance_processes')).toBe(1);
    expect(sumOf(text, 'quittance_stripe_budget_calls')).toBeGreaterThan(0);
    expect(sumOf(text, 'quittance_database_connections', { pool: 'ingest', state: 'max' })).toBe(4);
    expect(text).not.toContain(id);
  });

  it('counts requests by their route, and a stream for as long as it is open', async () => {
    const created = await fetch(`${shop.url}/api/create-payment-link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'coffee', quantity: 1 }),
    });
    expect(created.status).toBeLessThan(300);
    const [order] = await shop.orders();
    const leave = new AbortController();
    const stream = await fetch(`${shop.url}/api/orders/${order?.id}/events`, {
      headers: { authorization: 'Bearer qk_test_api_key_of_the_suite' },
      signal: leave.signal,
    });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const open = await shown();
    expect(sumOf(open, 'quittance_streams_open')).toBe(1);
    const request = { method: 'GET', route: '/api/orders/:id/events', status: '200' };
    expect(sumOf(open, 'quittance_http_request_seconds_count', request)).toBe(1);
    expect(open).not.toContain(order?.id);
    leave.abort();
    await until(async () => sumOf(await shown(), 'quittance_streams_open') === 0, 'the stream to be closed');
  });

  it('answers without the database, and says that it is away', async () => {
    const away = await runQuittance('postgres://nobody@127.0.0.1:1/nothing', {}, { work: false });
    const text = await shown(away);
    expect(text).toMatch(/^quittance_database_up 0$/m);
    expect(text).toMatch(/^quittance_webhooks_total\{result="accepted"\} 0$/m);
    expect(text).not.toMatch(/^quittance_(?:backlog_events|drain_lag_seconds|jobs)[{ ]/m);
    expect(await shown()).toMatch(/^quittance_drain_lag_seconds /m);
  });

  it('is shown only to who has the token, when there is one', async () => {
    const guarded = await runQuittance(
      'postgres://nobody@127.0.0.1:1/nothing',
      { metricsToken: TOKEN },
      { work: false },
    );
    const ask = (token?: string): Promise<Response> =>
      fetch(`${guarded.url}/metrics`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
    expect([(await ask()).status, (await ask('wrong')).status, (await ask(TOKEN)).status]).toEqual([
      401, 401, 200,
    ]);
  });
});

describe('the dashboard and the alert rules', () => {
  const ofRules = new Set(rules.flatMap(({ expr }) => namesIn(expr)));
  const ofPanels = new Set(
    dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr))),
  );

  it('name only metrics that a running server has, and the dashboard all of ours', async () => {
    const declared = [...(await shown()).matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1] as string);
    // Of two processes only.
    const known = new Set(declared);
    expect([...ofRules, ...ofPanels].filter((name) => !known.has(name))).toEqual([]);
    const ours = declared.filter((name) => name.startsWith('quittance_'));
    expect(ours.length).toBeGreaterThan(25);
    expect(ours.filter((name) => !ofPanels.has(name))).toEqual([]);
  });

  it('are complete: panels ask for the chosen server, rules say how bad it is and what to do', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    const chosen = 'job="$job", instance=~"$instance"';
    const unfit = panels.filter(
      ({ targets = [] }) => targets.length === 0 || targets.some(({ expr }) => !expr.includes(chosen)),
    );
    expect(unfit.map(({ title }) => title)).toEqual([]);
    const headings = read('README.md').matchAll(/^#### (\w+)$/gm);
    const runbook = new Set([...headings].map((match) => match[1]?.toLowerCase()));
    const incomplete = rules.filter(({ alert, labels, annotations, ...rule }) => {
      const anchor = alert.toLowerCase();
      const isTold = annotations.summary !== '' && annotations.description !== '' && runbook.has(anchor);
      const isLinked = annotations.runbook === `docs/operations/README.md#${anchor}`;
      return !isTold || !isLinked || !/^\d+[sm]$/.test(rule.for) || !SEVERITIES.has(labels.severity);
    });
    expect(incomplete.map(({ alert }) => alert)).toEqual([]);
    expect(runbook.size).toBe(rules.length);
  });
});

it('a route of Stripe is known by its place, whatever its ids are called', () => {
  const contract = JSON.parse(
    readFileSync(new URL('../../generated/contract.json', import.meta.url), 'utf8'),
  ) as { operations: { path: string }[] };
  const paths = [...new Set(contract.operations.map(({ path }) => path))];
  expect(paths.length).toBeGreaterThan(400);
  const wrong = ['coffee', 'pi_3NabcDEF', 'Summer-Sale_24', '10000'].flatMap((id) =>
    paths.filter((path) => routeOf(`${path.replaceAll('{}', id)}?limit=1`) !== path.replaceAll('{}', '{id}')),
  );
  expect(wrong).toEqual([]);
});
