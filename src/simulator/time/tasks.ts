import type { Store, World } from '../store/store.ts';
import type { MovableClock } from './clock.ts';

/** Something to be done at a time: stored, so that it is done after a restart too. */
export interface Task {
  readonly world: World;
  readonly id: string;
  /** Milliseconds since the Unix epoch on the simulator's clock. */
  readonly at: number;
  readonly name: string;
  readonly about: string;
}

/** Does one task inside the store's transaction. `about` is the id of the object that the task concerns. */
export type TaskRunner = (world: World, name: string, about: string) => void;

const KIND = '_task';

/** Node's timers can't wait longer than 2^31 ms; a later task is looked at again then. */
const TIMER_MS_MAX = 2_147_000_000;

/** What is still to happen, in order of time; tasks of one millisecond run in the order they were planned. */
export class Tasks {
  readonly #store: Store;
  readonly #clock: MovableClock;
  readonly #run: TaskRunner;
  #heap: Task[] = [];
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(store: Store, clock: MovableClock, run: TaskRunner) {
    this.#store = store;
    this.#clock = clock;
    this.#run = run;
  }

  /** Takes up what an earlier run had planned. */
  load(): void {
    for (const row of this.#store.everywhere(KIND)) {
      const { at, name, about } = row.object as unknown as Task;
      this.#push({ world: row, id: row.id, at, name, about });
      this.#number = Math.max(this.#number, Number(row.id));
    }
    this.#arm();
  }

  /** Plans `name` about an object, `delayMs` from now. Part of the surrounding transaction. */
  plan(world: World, name: string, about: string, delayMs: number): void {
    const id = String(++this.#number).padStart(12, '0');
    const at = this.#clock.now() + delayMs;
    const { account, livemode } = world;
    this.#store.put(world, KIND, id, { id, at, name, about });
    const task = { world: { account, livemode }, id, at, name, about };
    this.#push(task);
    if (this.#heap[0] === task) this.#arm();
  }

  /** When the next task is due, in milliseconds; undefined when nothing is planned. */
  get next(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.at;
  }

  /** Does everything that is due by now. */
  runDue(): void {
    for (let at = this.next; at !== undefined && at <= this.#clock.now(); at = this.next) {
      const task = this.#pop();
      if (!task) return;
      this.#store.transaction(() => {
        this.#store.remove(task.world, KIND, task.id);
        this.#run(task.world, task.name, task.about);
      });
    }
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Forgets every task; the store's rows go with the rest of the store. */
  clear(): void {
    this.#heap = [];
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.#heap[0]?.at;
    if (at === undefined || this.#stopped) return;
    const wait = Math.min(Math.max(0, at - this.#clock.now()), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.runDue(), wait).unref();
  }

  /** A task whose transaction was undone stands in the heap but not in the store. */
  #dropStale(): void {
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (this.#store.table(first.world, KIND).get(first.id)) return;
      this.#pop();
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!before(task, heap[parent])) break;
      heap[at] = heap[parent] as Task;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (before(heap[child + 1], heap[child])) child += 1;
      if (!before(heap[child], last)) break;
      heap[at] = heap[child] as Task;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Task | undefined, b: Task | undefined): boolean {
  if (!a || !b) return false;
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
