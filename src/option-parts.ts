import { z } from 'zod';
import { QuittanceError } from './errors.ts';

const LOGGER_METHODS = ['debug', 'info', 'warn', 'error'];

const aFunction = z.custom((value) => typeof value === 'function', 'must be a function').optional();
const aTable = z.custom(isPlain, 'must be an object').optional();
const aCount = z.int('must be a whole number').min(1, 'must be at least 1').optional();
const someSeconds = z.number('must be a number').positive('must be more than 0').optional();

/** The options that are no values; what stands in the tables is looked at by `on`, `job` and `cron`. */
const schema = z.object({
  fulfil: aFunction,
  onSellerChange: aFunction,
  handlers: aTable,
  jobs: aTable,
  cron: aTable,
  random: aFunction,
  reach: aFunction,
  logger: z
    .custom((value) => hasMethods(value, LOGGER_METHODS), `needs the methods ${LOGGER_METHODS.join(', ')}`)
    .optional(),
  clock: z.custom((value) => hasMethods(value, ['now']), 'needs the method now').optional(),
  drain: z
    .object(
      {
        workers: aCount,
        slowWorkers: aCount,
        keysPerBatch: aCount,
        handlerSecondsMax: someSeconds,
        idleInTransactionSecondsMax: someSeconds,
        backoff: aFunction,
      },
      'must be an object',
    )
    .optional(),
});

/** Checks what `parseOptions` passes over. Throws `invalid_options`, a line for each that is wrong. */
export function refuseUnfitParts(options: unknown): void {
  if (!isPlain(options)) refuse(['options must be an object; databaseUrl and secret are missing']);
  const { error } = schema.safeParse(options);
  if (error) refuse(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
}

function refuse(lines: string[]): never {
  throw new QuittanceError({ code: 'invalid_options', message: lines.join('\n') });
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isPlain(value) && names.every((name) => typeof value[name] === 'function');
}
