import type { Clock } from '../../clock.ts';

/** The simulator's time: the base clock's, moved forward as often as asked and never back. */
export class MovableClock implements Clock {
  readonly #base: Clock;
  #offset: number;

  /** `offset` in milliseconds is what an earlier run had already been moved by. */
  constructor(base: Clock, offset = 0) {
    this.#base = base;
    this.#offset = offset;
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    return this.#base.now() + this.#offset;
  }

  /** Whole seconds since the Unix epoch, as Stripe's objects have them. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Milliseconds by which this clock is ahead of the base. */
  get offset(): number {
    return this.#offset;
  }

  set offset(offset: number) {
    this.#offset = offset;
  }

  /** Moves to this time, unless it is past already. */
  jumpTo(time: number): void {
    this.#offset += Math.max(0, time - this.now());
  }
}
