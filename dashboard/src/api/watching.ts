const IN_USE_MS = 60_000;

/**
 * Tells whether somebody is at the console, or it only stands open and asks by itself: then its session ends
 * as if it were closed.
 */
export class Watching {
  #usedAt = Date.now();

  constructor() {
    const used = (): void => {
      this.#usedAt = Date.now();
    };
    for (const name of ['pointerdown', 'keydown', 'wheel']) {
      document.addEventListener(name, used, { passive: true });
    }
  }

  get isInUse(): boolean {
    return Date.now() - this.#usedAt < IN_USE_MS;
  }
}
