import type { Databases } from './databases.ts';
import { SHARED_GAUGES, readSharedGauges } from './doctor/gauge-rows.ts';
import type { Metrics } from './http/metrics.ts';
import type { Receiver } from './inbox/receive.ts';
import type { StripeClients } from './stripe/clients.ts';

type Pools = Omit<Databases, 'close'>;

/** What is measured of the moment: connections, the rate that is left at Stripe, what the database says. */
export function addGauges(
  metrics: Metrics,
  { databases, clients }: { databases: Databases; clients: StripeClients },
): void {
  const { ingest, requests, drain, jobs } = databases;
  const pools = Object.entries({ ingest, requests, drain, jobs } satisfies Pools);
  metrics.gauge(
    'quittance_database_connections',
    'Connections to PostgreSQL by pool: in_use, idle, and the most it may open',
    ['pool', 'state'],
    () =>
      pools.flatMap(
        ([
          pool,
          {
            pool: { totalCount, idleCount, options },
          },
        ]) => [
          { labels: { pool, state: 'in_use' }, value: totalCount - idleCount },
          { labels: { pool, state: 'idle' }, value: idleCount },
          { labels: { pool, state: 'max' }, value: options.max },
        ],
      ),
  );
  metrics.gauge('quittance_database_waiting', 'Who waits for a connection, by pool', ['pool'], () =>
    pools.map(
      ([
        pool,
        {
          pool: { waitingCount },
        },
      ]) => ({ labels: { pool }, value: waitingCount }),
    ),
  );
  const { budget } = clients;
  metrics.gauge('quittance_stripe_budget_calls', 'Calls to Stripe that could be made at once', [], () => [
    { value: budget.left.calls },
  ]);
  metrics.gauge(
    'quittance_stripe_budget_wait_seconds',
    'How long the next call to Stripe would wait',
    [],
    () => [{ value: budget.left.waitSeconds }],
  );
  metrics.shared.declare(SHARED_GAUGES, () => readSharedGauges(databases.requests.sql));
}

/** Events that are received and wait to be stored. */
export function addReceiverGauge(metrics: Metrics, receiver: Receiver): void {
  metrics.gauge('quittance_receive_queue_events', 'Received events that wait to be stored', [], () => [
    { value: receiver.queued },
  ]);
}
