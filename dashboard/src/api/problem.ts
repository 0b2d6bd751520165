/** Why a call to the server came to nothing, in words for the operator. */
export class Problem extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number;
  /** Stable word, for example `order_not_found`; `unreachable` when there was no answer. */
  readonly code: string;
  /** The field or parameter that is wrong. */
  readonly field: string | undefined;
  /** Everything else that the server said. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Record<string, unknown>) {
    const { code, detail, field, ...extra } = body;
    super(typeof detail === 'string' ? detail : `The server answered ${status} without saying why.`);
    this.name = 'Problem';
    this.status = status;
    this.code = typeof code === 'string' ? code : String(status);
    this.field = typeof field === 'string' ? field : undefined;
    this.extra = extra;
  }
}

/** The problem that an answer tells of. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  return new Problem(response.status, body);
}

/** There was no answer. */
export function unreachable(): Problem {
  const detail = 'The server does not answer. Check that it runs and that you are online, then try again.';
  return new Problem(0, { code: 'unreachable', detail });
}

/** True when the same call may well succeed in a moment. */
export function isPassing(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || error.status === 503);
}
