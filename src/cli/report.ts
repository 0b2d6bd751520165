import { CommanderError } from 'commander';
import { QuittanceError } from '../errors.ts';

const USAGE_ERROR = 2;

/** A process of ours that ended before it was ready and has said why: nothing is left to say. */
export class ChildFailed extends Error {}

/** Says on stderr what went wrong, and returns the exit status: 0 done, 1 failed, 2 called wrongly. */
export function report(error: unknown): number {
  // Commander has printed its message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
  if (error instanceof ChildFailed) return 1;
  if (error instanceof QuittanceError) {
    process.stderr.write(`quittance: ${error.message}\n(${error.code})\n`);
    return 1;
  }
  process.stderr.write(
    `quittance: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
