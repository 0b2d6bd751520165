import { Logger as WorkerLogger } from 'graphile-worker';
import { describeError } from '../errors.ts';
import type { Logger } from '../log.ts';

/** graphile-worker's messages in our log, under the level they deserve: its "info" is one line a job. */
export function workerLogger(logger: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message, meta) => {
    const error = (meta as { error?: unknown } | undefined)?.error;
    const details = { component: 'jobs', ...(error === undefined ? {} : { error: describeError(error) }) };
    const word: string = level;
    if (word === 'error') logger.error(details, message);
    else if (word === 'warning') logger.warn(details, message);
    else logger.debug(details, message);
  });
}
