// SQLSTATE classes 08 (connection), 53 (out of resources), 57 (operator intervention), and 25006: read-only,
// as a standby is before it is promoted. The rest are Node's words for a network that does not answer.
const CODES = /^(?:08|53|57|25006|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;
// node-postgres gives these no code.
const MESSAGES = /timeout|terminated|not queryable/i;

/** True for what passes by itself: a database that is away, starting, stopping, full or read-only. */
export function isAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return CODES.test(String(code)) || (typeof code !== 'string' && MESSAGES.test(String(message)));
}
