/** Random choices that a seed repeats exactly (the generator "mulberry32"). */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Letters, digits, and everything that separates or escapes something somewhere. */
  text(charactersMax: number): string {
    let text = '';
    for (let left = this.below(charactersMax + 1); left > 0; left -= 1) {
      text += CHARACTERS[this.below(CHARACTERS.length)] as string;
    }
    return text;
  }
}

const CHARACTERS = 'abcdef0123456789ABCDEF=,;:. \t"\'{}[]()<>%+-_*/\\|~^?!@#$&äß\u00ff';
