import type { Deliveries } from '../events/deliveries.ts';
import type { Engine } from '../realm.ts';
import { NOWHERE } from '../store/store.ts';

const KIND = '_clock';

/** Moves the simulator's clock and does, in order of time, what falls due on the way. */
export class Timekeeper {
  readonly #engine: Engine;
  readonly #deliveries: Deliveries;
  #moving: Promise<void> = Promise.resolve();

  constructor(engine: Engine, deliveries: Deliveries) {
    this.#engine = engine;
    this.#deliveries = deliveries;
  }

  /** Takes up the time that an earlier run had reached. */
  load(): void {
    const row = this.#engine.store.table(NOWHERE, KIND).get(KIND);
    if (row) this.#engine.clock.offset = row.object['offset'] as number;
  }

  /** Moves on by `seconds`; a second call waits for the first. */
  advance(seconds: number): Promise<void> {
    const moved = this.#moving.then(() => this.#advance(seconds * 1000));
    this.#moving = moved.catch(() => undefined);
    return moved;
  }

  /** Forgets everything but the time. */
  async reset(): Promise<void> {
    await this.#deliveries.abandon();
    this.#engine.store.clear();
    this.#engine.tasks.clear();
    this.#engine.faults.clear();
    this.#engine.cli.restore();
    this.#remember();
  }

  async #advance(ms: number): Promise<void> {
    const { clock, tasks } = this.#engine;
    const target = clock.now() + ms;
    await this.#deliveries.settled();
    for (let next = tasks.next; next !== undefined && next <= target; next = tasks.next) {
      clock.jumpTo(next);
      await this.#deliveries.settled();
    }
    clock.jumpTo(target);
    this.#remember();
    tasks.runDue();
  }

  #remember(): void {
    const { store, clock } = this.#engine;
    store.transaction(() => store.put(NOWHERE, KIND, KIND, { id: KIND, offset: clock.offset }));
  }
}
