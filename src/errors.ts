/** The shape every error of Quittance has: a stable code, a sentence that says what to do, and the cause. */
export interface QuittanceErrorOptions {
  /** Stable, machine-readable word, for example `storage_unavailable`. */
  code: string;
  /** One sentence for people: what is wrong and what to do about it. */
  message: string;
  cause?: unknown;
}

/** An error that Quittance raises on purpose. Everything else that is thrown is a bug. */
export class QuittanceError extends Error {
  readonly code: string;

  constructor({ code, message, cause }: QuittanceErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'QuittanceError';
    this.code = code;
  }
}

/** What was thrown, in one line; handlers may throw anything, `undefined` and plain objects included. */
export function describeError(thrown: unknown): string {
  // Node's, when a host has two addresses and neither answers: without a word of its own.
  if (thrown instanceof AggregateError && thrown.message === '') {
    return thrown.errors.map(describeError).join('; ');
  }
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  if (typeof thrown === 'string') return thrown;
  try {
    return `thrown value that is no Error: ${JSON.stringify(thrown)}`;
  } catch {
    return `thrown value that is no Error: ${String(thrown)}`;
  }
}
