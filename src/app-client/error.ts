/**
 * Why there is no answer. `refused`: the request is wrong. `permission`: the user, or the app on their
 * account, may not. `unavailable`: the backend could not, now. `network`: it was not reached in time, and may
 * or may not have done it. `signature`: Stripe did not sign, so nothing was sent.
 */
export type BackendErrorKind = 'refused' | 'permission' | 'unavailable' | 'network' | 'signature';

export interface BackendErrorOptions {
  kind: BackendErrorKind;
  code: string;
  detail: string;
  status?: number;
  cause?: unknown;
}

/** What `post` throws. */
export class BackendError extends Error {
  readonly kind: BackendErrorKind;
  /** Stable word, for example `role_missing`, or Stripe's code of a permission error. */
  readonly code: string;
  /** A sentence for people. */
  readonly detail: string;
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;

  constructor({ kind, code, detail, status, cause }: BackendErrorOptions) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause });
    this.name = 'BackendError';
    this.kind = kind;
    this.code = code;
    this.detail = detail;
    this.status = status ?? null;
  }
}

/** The error that an answer other than 2xx is; `text` is its body. */
export function errorOf(status: number, text: string): BackendError {
  const { code, detail } = readProblem(text);
  return new BackendError({
    kind: kindOf(status),
    code: typeof code === 'string' ? code : `http_${status}`,
    detail: typeof detail === 'string' ? detail : `The backend answered with status ${status}.`,
    status,
  });
}

function readProblem(text: string): { code?: unknown; detail?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { code?: unknown; detail?: unknown };
  } catch {
    return {}; // of a proxy, which does not speak problem+json
  }
}

function kindOf(status: number): BackendErrorKind {
  if (status === 403) return 'permission';
  return status >= 500 || status === 429 ? 'unavailable' : 'refused';
}
