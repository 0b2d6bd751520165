// What every body may take without asking. Nearly all events fit, so a flood of large ones can't stop them.
const FREE_BYTES = 16 * 1024;
// Our forms have a handful of short fields.
const FORM_BYTES_MAX = 16 * 1024;

/** What reading a request's body came to. */
export type BodyReading =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'aborted' };

/**
 * The memory that bodies may take while they are read, all requests together. Each has its own limit, but a
 * thousand senders that stop just below it, and need no secret for that, hold a gigabyte.
 */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Collects one body, within its limit and the budget of all. */
export class BodyCollector {
  readonly #bytesMax: number;
  readonly #budget: BodyBudget | undefined;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #taken = 0;

  constructor(bytesMax: number, budget?: BodyBudget) {
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  /** Null when there was room for the chunk; else everything is dropped. */
  add(chunk: Uint8Array): 'too_large' | 'no_room' | null {
    this.#size += chunk.length;
    const refusal = this.#size > this.#bytesMax ? 'too_large' : this.#reserve() ? null : 'no_room';
    if (refusal) this.drop();
    else this.#chunks.push(chunk);
    return refusal;
  }

  /** The whole body, which is the caller's from now on. */
  finish(): Buffer {
    const [only] = this.#chunks;
    const whole = this.#chunks.length === 1 && Buffer.isBuffer(only);
    const bytes = whole ? only : Buffer.concat(this.#chunks);
    this.drop();
    return bytes;
  }

  /** Gives up what was collected. */
  drop(): void {
    this.#chunks = [];
    this.#budget?.give(this.#taken);
    this.#taken = 0;
  }

  #reserve(): boolean {
    const more = this.#size - FREE_BYTES - this.#taken;
    if (!this.#budget || more <= 0) return true;
    if (!this.#budget.take(more)) return false;
    this.#taken += more;
    return true;
  }
}

/**
 * Reads a body of at most `bytesMax` bytes and stops reading beyond: a `Content-Length` that is too large
 * is refused before the first byte, a body without one as soon as it grows too large.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
  budget?: BodyBudget,
): Promise<BodyReading> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > bytesMax) return { kind: 'too_large' };
  if (!request.body) return { kind: 'bytes', bytes: Buffer.alloc(0) };
  const collector = new BodyCollector(bytesMax, budget);
  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { kind: 'bytes', bytes: collector.finish() };
      const kind = collector.add(value);
      if (!kind) continue;
      await reader.cancel();
      return { kind };
    }
  } catch {
    collector.drop();
    return { kind: 'aborted' };
  }
}

/** The fields of a posted form of a page; none of one that is too large or was cut off. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const reading = await readBody(request, FORM_BYTES_MAX);
  return new URLSearchParams(reading.kind === 'bytes' ? reading.bytes.toString('utf8') : '');
}
