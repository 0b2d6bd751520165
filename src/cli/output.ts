import { QuittanceError } from '../errors.ts';
import { report } from './report.ts';

/** Writes to stdout and waits until it is written. Throws `output_failed`: a full disk, a closed pipe. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error): void => reject(outputFailed(cause));
    // The stream tells of a failure a second time; while this listens, `watchOutput` leaves the word to it.
    process.stdout.once('error', failed);
    process.stdout.write(text, (error) => {
      if (error) return failed(error);
      process.stdout.off('error', failed);
      resolve();
    });
  });
}

/**
 * Lets commands that only write go on when stdout is lost. Whoever reads along may stop, as `head` does: that
 * is no reason to stop in the middle. Anything else, a full disk for example, is told, with exit status 1.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const isWaitedFor = process.stdout.listenerCount('error') > 1;
    if (error.code !== 'EPIPE' && !isWaitedFor) process.exitCode = report(outputFailed(error));
  });
}

function outputFailed(cause: Error): QuittanceError {
  const message = `The output could not be written: ${cause.message}. It is not complete.`;
  return new QuittanceError({ code: 'output_failed', message, cause });
}
