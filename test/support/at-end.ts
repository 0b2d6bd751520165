import { afterAll, onTestFinished } from 'vitest';

/** Runs `work` at the end of the test, or of the whole file when it is asked for outside a test. */
export function atEnd(work: () => unknown): void {
  const run = async (): Promise<void> => void (await work());
  try {
    onTestFinished(run);
  } catch {
    afterAll(run);
  }
}
