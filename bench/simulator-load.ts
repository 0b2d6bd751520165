/**
 * The load generator of the simulator's bench, a process of its own: does one order after the other, through
 * the real client over keep-alive connections, and answers each with a report. It stays the same process
 * from first to last, so that what is measured is not how warm the client is.
 */
import { Agent } from 'node:http';
import Stripe from 'stripe';

/** What to do, how often, over how many connections at once. */
export interface SimulatorOrder {
  work: 'pay' | 'list' | 'retrieve';
  count: number;
  connections: number;
}

export interface SimulatorLoad {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const port = Number(process.argv[2]);
const stripe = new Stripe('sk_test_bench', {
  host: '127.0.0.1',
  port,
  protocol: 'http',
  telemetry: false,
  httpAgent: new Agent({ keepAlive: true }),
});
let latest = '';

const WORK: Record<SimulatorOrder['work'], () => Promise<void>> = {
  pay: async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 2_000,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    if (intent.status !== 'succeeded') throw new Error(`a payment ended as ${intent.status}`);
    latest = intent.id;
  },
  list: async () => void (await stripe.paymentIntents.list({ limit: 10 })),
  retrieve: async () => void (await stripe.paymentIntents.retrieve(latest)),
};

process.on('message', (order: SimulatorOrder) => {
  void carryOut(order).then((report) => process.send?.(report));
});
process.send?.('ready');

async function carryOut({ work, count, connections }: SimulatorOrder): Promise<SimulatorLoad> {
  const latencies: number[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const since = performance.now();
      await WORK[work]();
      latencies.push(performance.now() - since);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    Number((latencies[Math.floor((latencies.length - 1) * share)] ?? 0).toFixed(2));
  return { perSecond: Math.round(count / seconds), p50Ms: at(0.5), p99Ms: at(0.99) };
}
