const NAME_WIDTH = 90;

interface Result {
  name: string;
  ok: boolean;
  ms: number;
  /** What was seen, or what went wrong. */
  seen: string;
}

/** The demo's screen: a line and a tick for each step that was verified, and a table in the end. */
export class Screen {
  readonly #results: Result[] = [];
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  heading(text: string): void {
    this.#write(`\n${text}\n`);
  }

  /** Runs a step. It returns what it saw; a throw is a step that was not verified, and ends the demo. */
  async step(name: string, work: () => Promise<string>): Promise<void> {
    const started = performance.now();
    const done = (ok: boolean, seen: string): void => {
      const ms = Math.round(performance.now() - started);
      this.#results.push({ name, ok, ms, seen });
      this.#write(`  ${ok ? '✓' : '✗'} ${name}\n      ${seen} (${ms} ms)\n`);
    };
    try {
      done(true, await work());
    } catch (error) {
      done(false, error instanceof Error ? error.message : String(error));
      throw new StepFailed(name);
    }
  }

  /** The summary. True when every step was verified. */
  summary(stepsPlanned: number): boolean {
    const good = this.#results.filter((result) => result.ok).length;
    const bad = Math.max(stepsPlanned, this.#results.length) - good;
    this.#write(`\n${'Step'.padEnd(NAME_WIDTH)}      Time\n${'─'.repeat(NAME_WIDTH + 10)}\n`);
    for (const { name, ok, ms } of this.#results) {
      this.#write(`${(ok ? '✓ ' : '✗ ') + name.padEnd(NAME_WIDTH - 2)} ${`${ms} ms`.padStart(9)}\n`);
    }
    this.#write(`\n${good} passed, ${bad} failed\n`);
    return bad === 0;
  }
}

/** A step that was not verified; its reason is on the screen. */
export class StepFailed extends Error {}
