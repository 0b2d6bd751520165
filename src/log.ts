import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** The logger of Quittance: pino's interface, so any pino logger of the host can be given instead. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>;

// API keys, webhook and app secrets, OAuth's codes and refresh tokens, client secrets of intents and
// sessions.
const SECRETS = new RegExp(
  [
    String.raw`\b(?:sk|rk)_(?:test|live)_\w+`,
    String.raw`\b(?:whsec|absec)_\w+`,
    String.raw`\b(?:ac|rt)_\w{16,}`,
    String.raw`\b\w+_secret_\w+`,
    String.raw`(?<=postgres(?:ql)?:\/\/)[^@\s"]+(?=@)`,
  ].join('|'),
  'g',
);

/** Text without whatever looks like a secret. */
export function strikeSecrets(text: string): string {
  return text.replace(SECRETS, '[redacted]');
}

/** Writes JSON lines. Whatever looks like a secret is struck out of the finished line. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    { level, base: null, hooks: { streamWrite: strikeSecrets } },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
