import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { postWebhook } from './quittance.ts';

const RETRY_MS = 50;
const DELIVERY_MS_MAX = 60_000;

/**
 * What a sender was promised, kept apart from the server: each 2xx is written down and on disk before the
 * next event is sent. Whatever stands here must be in `quittance events export`, whatever died meanwhile.
 */
export class Ledger {
  readonly file: string;
  readonly #descriptor: number;

  constructor(file: string) {
    this.file = file;
    this.#descriptor = openSync(file, 'a', 0o600);
  }

  write(id: string): void {
    writeSync(this.#descriptor, `${id}\n`);
    fsyncSync(this.#descriptor);
  }

  ids(): string[] {
    return readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** What became of one delivery: the status, or `lost` when no answer came. */
export type Delivery = number | 'lost';

/** Delivers once; a 2xx is in the ledger before this returns. */
async function deliver(url: string, event: { id: string }, ledger: Ledger): Promise<Delivery> {
  let status: number;
  try {
    const answer = await postWebhook(url, event);
    status = answer.status;
    await answer.arrayBuffer().catch(() => {}); // the status was read, which is what Stripe goes by
  } catch {
    return 'lost';
  }
  if (status >= 200 && status < 300) ledger.write(event.id);
  return status;
}

/** Delivers as Stripe does: again and again until a 2xx, a few at once. Resolves when all have theirs. */
export async function deliverAll(
  url: () => string | null,
  events: readonly { id: string }[],
  ledger: Ledger,
  { atOnce = 8, onDelivery = () => {} }: { atOnce?: number; onDelivery?: (delivery: Delivery) => void } = {},
): Promise<void> {
  const left = [...events];
  const deadline = Date.now() + DELIVERY_MS_MAX;
  const send = async (): Promise<void> => {
    for (let event = left.shift(); event; event = left.shift()) {
      for (;;) {
        const target = url();
        const delivery = target === null ? 'lost' : await deliver(target, event, ledger);
        onDelivery(delivery);
        if (delivery !== 'lost' && delivery < 300) break;
        if (Date.now() > deadline) throw new Error(`${event.id} was not acknowledged: ${delivery}`);
        await wait(RETRY_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
}

/** Promised and not there. Anything in it is a lost payment. */
export function missingFrom(exported: readonly { id: string }[], ledger: Ledger): string[] {
  const stored = new Set(exported.map((row) => row.id));
  return ledger.ids().filter((id) => !stored.has(id));
}
