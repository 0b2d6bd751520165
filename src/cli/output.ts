import { QuittanceError } from '../errors.ts';

/** Writes to stdout and waits until it is written. Throws `output_failed`: a full disk, a closed pipe. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error): void => {
      const message = `The output could not be written: ${cause.message}. It is not complete.`;
      reject(new QuittanceError({ code: 'output_failed', message, cause }));
    };
    // The stream tells of a failure a second time, which would end the process with a stack.
    process.stdout.once('error', failed);
    process.stdout.write(text, (error) => {
      if (error) return failed(error);
      process.stdout.off('error', failed);
      resolve();
    });
  });
}
