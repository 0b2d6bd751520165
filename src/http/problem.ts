/** The answer to a request that can't be served (RFC 9457), with a code that never changes. */
export interface Problem {
  status: number;
  /** Stable word for programs, for example `product_not_found`. */
  code: string;
  /** One sentence for people: what is wrong, and what to do. */
  detail: string;
  /** Further members, for example `field`. */
  extra?: Record<string, unknown>;
  headers?: Record<string, string>;
}

const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** The body of a problem as JSON text. */
export function problemText({ status, code, detail, extra }: Problem): string {
  const title = TITLES[status] ?? 'Error';
  return JSON.stringify({ type: 'about:blank', title, status, code, detail, ...extra });
}

export function problemHeaders(problem: Problem): Record<string, string> {
  return {
    'content-type': PROBLEM_TYPE,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...problem.headers,
  };
}

export function problemResponse(problem: Problem): Response {
  return new Response(problemText(problem), { status: problem.status, headers: problemHeaders(problem) });
}
