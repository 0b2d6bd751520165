import { inSpan } from '../http/spans.ts';
import { NeedsSlowLane, type Attempted } from './attempt.ts';
import type { WorkRow } from './claim.ts';

/**
 * Runs the handlers of an event in a span of the trace it arrived in. Names and attributes:
 * opentelemetry.io/docs/specs/semconv/messaging/messaging-spans.
 */
export function inEventSpan(row: WorkRow, work: () => Promise<Attempted>): Promise<Attempted> {
  const attributes = {
    'messaging.system': 'stripe',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': row.type,
    'messaging.message.id': row.id,
    'quittance.account': row.account,
    'quittance.livemode': row.livemode,
    'quittance.attempt': row.attempts + 1,
  };
  const parent = { traceparent: row.traceparent };
  return inSpan(
    `process ${row.type}`,
    { kind: 'consumer', attributes, parent },
    async (told) => {
      const attempted = await work();
      const { outcome } = attempted;
      told.set({ 'quittance.outcome': outcome.kind });
      if (outcome.kind === 'retry' || outcome.kind === 'give_up') told.failed(outcome.why);
      return attempted;
    },
    // Found out by asking for Stripe, and run again at once where there is time for it.
    (error) => error instanceof NeedsSlowLane,
  );
}
