import type { ApiAnswer } from '../server/api.ts';
import type { ErrorBody } from '../server/errors.ts';
import type { WebRequest } from '../server/http.ts';
import type { CliSession } from './session.ts';

const SUCCEEDED = new Set([200, 201, 202]);

/** One answered request as `stripe logs tail` shows it. */
export interface RequestLogEntry {
  method: string;
  path: string;
  status: number;
  /** Asked for a connected account by its platform, by the account itself, or for the platform. */
  side: 'connect_in' | 'connect_out' | 'self';
  payload: string;
}

/** What is told of a request; the CLI prints the payload's text unchanged with `--format JSON`. */
export function logEntry(request: WebRequest, answer: ApiAnswer, at: number, own: boolean): RequestLogEntry {
  const { method, path } = request;
  const error = answer.body['error'] as ErrorBody | undefined;
  const payload = JSON.stringify({
    created_at: at,
    livemode: answer.realm?.livemode ?? false,
    method,
    request_id: answer.headers['request-id'] ?? '',
    status: answer.status,
    url: path,
    error: {
      type: error?.type ?? '',
      charge: error?.charge ?? '',
      code: error?.code ?? '',
      decline_code: error?.decline_code ?? '',
      error_insight: '',
      message: error?.message ?? '',
      param: error?.param ?? '',
    },
  });
  return { method, path, status: answer.status, side: own ? 'self' : 'connect_out', payload };
}

/** By the name of a filter, what a request says to it. */
const TESTS: Record<string, (entry: RequestLogEntry, wanted: string) => boolean> = {
  filter_account: ({ side }, wanted) => side === wanted.toLowerCase(),
  filter_http_method: ({ method }, wanted) => method === wanted.toUpperCase(),
  filter_request_path: ({ path }, wanted) => path === wanted,
  filter_request_status: ({ status }, wanted) =>
    (wanted.toUpperCase() === 'SUCCEEDED') === SUCCEEDED.has(status),
  filter_source: (_entry, wanted) => wanted.toUpperCase() === 'API',
  filter_status_code: ({ status }, wanted) => String(status) === wanted,
  // The CLI writes 400 where its user wrote 4XX.
  filter_status_code_type: ({ status }, wanted) => String(status)[0] === wanted[0],
};

/** True when every filter that is set has a value that fits; one that is not known here hides nothing. */
export function passes(entry: RequestLogEntry, filters: CliSession['filters']): boolean {
  return Object.entries(filters).every(([name, wanted]) => {
    const test = TESTS[name];
    return !test || wanted.length === 0 || wanted.some((value) => test(entry, value));
  });
}
