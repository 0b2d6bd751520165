import { onTestFinished } from 'vitest';

// What a file leaves to its end. Files of a worker share this module, so it is empty between two of them.
const leftToTheEnd: (() => Promise<void>)[] = [];

/** Runs `work` at the end of the test, or of the whole file when it is asked for outside a test. */
export function atEnd(work: () => unknown): void {
  const run = async (): Promise<void> => void (await work());
  try {
    onTestFinished(run);
  } catch {
    // Also in `beforeAll`, where vitest takes no `afterAll` any more: its servers would run for ever.
    leftToTheEnd.push(run);
  }
}

/** Does what is left, the last first: the servers, then the databases they were started on. */
export async function endFile(): Promise<void> {
  for (let run = leftToTheEnd.pop(); run; run = leftToTheEnd.pop()) await run();
}
