import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { COMMON_PROBLEMS, type AnyOperation } from '../../src/http/operation.ts';
import { OPERATIONS } from '../../src/operations.ts';

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Reads along what a server answers to operators and to who has `apiKey`, and tells of each answer that is
 * not as it was declared. Who has an order's own token is told less at the same address.
 */
export function readAlong(listener: Listener, apiKey: string, tell: (violation: string) => void): Listener {
  return (incoming, outgoing) => {
    const { method = '', headers } = incoming;
    const operation = operationAt(method, incoming.url ?? '');
    if (operation && (headers.authorization ?? apiKey).endsWith(apiKey)) {
      whenEnded(outgoing, (body) => {
        const violation = violationOf(operation, outgoing.statusCode, body);
        if (violation) tell(`${operation.id} (${outgoing.statusCode}): ${violation}`);
      });
    }
    listener(incoming, outgoing);
  };
}

/** What in an answer is not as it was declared; null when all is. */
export function violationOf(operation: AnyOperation, status: number, body: string): string | null {
  if (status >= 400) return problemViolation(operation, body);
  const { answer, statuses = [200] } = operation;
  if (!statuses.includes(status)) return 'this status is not among its own';
  if (typeof answer === 'string') return null;
  const told: unknown = JSON.parse(body);
  const parsed = answer.safeParse(told);
  if (!parsed.success) return `${parsed.error.message} of ${body}`;
  // What is not declared does not come through.
  return isDeepStrictEqual(parsed.data, told) ? null : `holds more than is declared: ${body}`;
}

/** The operation that is served at an address. */
function operationAt(method: string, url: string): AnyOperation | undefined {
  const path = url.split('?', 1)[0] ?? '';
  const found = BY_PATTERN.filter(({ operation, pattern }) => {
    return operation.method === method && pattern.test(path);
  });
  // Of two that fit, the one with fewer parameters.
  return found.toSorted((one, other) => one.parameters - other.parameters)[0]?.operation;
}

const BY_PATTERN = OPERATIONS.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  parameters: operation.path.split('{').length,
}));

const COMMON_CODES = new Set<string>(Object.values(COMMON_PROBLEMS).flat());

function problemViolation({ problems = [] }: AnyOperation, body: string): string | null {
  const { code } = JSON.parse(body) as { code?: string };
  if (code !== undefined && (problems.includes(code) || COMMON_CODES.has(code))) return null;
  return `the code ${code} is not declared`;
}

function whenEnded(outgoing: ServerResponse, then: (body: string) => void): void {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const write = outgoing.write.bind(outgoing) as (...values: unknown[]) => boolean;
  const end = outgoing.end.bind(outgoing) as (...values: unknown[]) => ServerResponse;
  outgoing.write = (...values: unknown[]) => {
    keep(values[0]);
    return write(...values);
  };
  outgoing.end = (...values: unknown[]) => {
    keep(values[0]);
    then(Buffer.concat(chunks).toString('utf8'));
    return end(...values);
  };
}
