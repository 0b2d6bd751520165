import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** The logger of Quittance: pino's interface, so any pino logger of the host can be given instead. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>;

const REDACTED = '[redacted]';
// A shorter one would strike out words that mean nothing.
const SECRET_CHARACTERS_MIN = 8;

/**
 * Writes JSON lines. Whatever looks like a secret is struck out of the finished line, and so are `secrets`,
 * the values that this server is configured with.
 */
export function createLogger(
  level: string,
  destination?: DestinationStream,
  secrets: readonly string[] = [],
): Logger {
  return pino(
    { level, base: null, hooks: { streamWrite: redactor(secrets) } },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** Strikes out of a text what looks like a secret, and `secrets` themselves. */
function redactor(secrets: readonly string[] = []): (text: string) => string {
  const literals = [...new Set(secrets.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  const known = literals.length > 0 ? new RegExp(literals.map(escaped).join('|'), 'g') : null;
  return (text) => {
    const without = known ? text.replace(known, REDACTED) : text;
    return RULES.reduce(applied, without);
  };
}

/** With no configured values. */
export const redact = (text: string): string => RULES.reduce(applied, text);

const SPACE = String.raw`(?:\s|%20|\+)`;
const EQUALS = '(?:=|%3d)';
const COLON = '(?::|%3a)';
const SLASHES = String.raw`(?:\\?/|%2f){2}`;
// The backslashes before a quote within JSON within JSON are one less than a power of two, and so many more
// stand before a quote that belongs to the value.
const ESCAPED = String.raw`(?:\k<escape>\k<escape>\\\\)`;
const VALUE = String.raw`(?:(?!%26)[^\s&"\\;,#])+`;
const NAME = String.raw`[\w-]{0,40}`;
const SECRET_NAME =
  `${NAME}(?:password|passwd|passphrase|secret|token|api[_-]?key|cookie|authorization|credential|csrf|` +
  `code_verifier|private_key|cvc)${NAME}`;

/** A place where a pattern fits. */
interface Found {
  match: string;
  groups: readonly (string | undefined)[];
  line: string;
  offset: number;
}

interface Rule {
  pattern: RegExp;
  replace: (found: Found) => string;
}

// One after the other: joined into one pattern they take four times as long.
const RULES: readonly Rule[] = [
  // A member of JSON whose name says that it is a secret, also within a string of JSON, at any depth.
  {
    pattern: patternOf(
      String.raw`((?<escape>\\*)"${SECRET_NAME}\k<escape>"\s*:\s*)(?:(\[[^\]]*\])|` +
        String.raw`\k<escape>"(?:[^"\\]|(?!${ESCAPED}*\k<escape>")\\+[^\\])*${ESCAPED}*(?=\k<escape>"|"|$))`,
    ),
    replace: ({ groups: [name = '', escape = '', list] }) =>
      list === undefined ? `${name}${escape}"${REDACTED}` : `${name}[]`,
  },
  // password=…, STRIPE_SECRET_KEY=…, ?token=…
  behind(`(?:password|passwd|secret|token|api_?key|csrf)\\w{0,20}${EQUALS}`, VALUE),
  // What OAuth and one-time links carry in addresses.
  behind(`(?:[?&#]|%3f|%26|%23)(?:code|state|ticket|key|sig|signature|code_verifier)${EQUALS}`, VALUE),
  // HTTP headers.
  behind(`(?:bearer|basic)${SPACE}+`, String.raw`[\w.~+/=-]{8,}`),
  behind(String.raw`__(?:host|secure)-[\w.-]{1,60}${EQUALS}`, String.raw`[^\s;,"\\]+`),
  behind(`cookie2?${COLON}${SPACE}*`, String.raw`[^"\\]+`),
  // Stripe's keys, signing secrets and codes of OAuth.
  behind('', String.raw`(?:sk|rk)_(?:org_)?(?:test|live)_\w+`),
  behind('', String.raw`(?:whsec|absec)_\w+`),
  token(String.raw`(?:ac|rt)_\w{16,}`),
  // Secrets of ephemeral keys and of connections of terminals, which hold base64 and a comma.
  token(String.raw`(?:ek|pst)_(?:test|live)_[\w,]+`),
  // pi_…_secret_…, seti_…_secret_…, cs_…_secret_…, accs_secret__…, cuss_secret_….
  behind('_secret_+', String.raw`[a-z0-9]{10,}\w*`),
  // A user's name and password in an address.
  behind(`postgres(?:ql)?${COLON}${SLASHES}`, String.raw`[^\s"]+?(?=(?:@|%40)[^@\s"]*(?:["\s]|$))`),
  behind(`[a-z]${COLON}${SLASHES}[^\\s"/@:%]*${COLON}`, String.raw`[^\s"/@]+?(?=@|%40)`),
  // JSON Web Tokens, private keys.
  token(String.raw`eyj[\w-]{8,}\.[\w-]{8,}\.[\w-]*`),
  behind('', `-----begin(?:[a-z]|${SPACE})*-----[^-]*(?:-----end(?:[a-z]|${SPACE})*-----)?`),
  // Ours: the API key that dev makes up, and 32 bytes in base64url, perhaps with the end of an escape before.
  token(String.raw`qk_[\w-]{16,}`),
  {
    pattern: patternOf(String.raw`(?<![\w-])[\w-]{43,45}(?![\w-])`),
    replace: ({ match, line, offset }) => {
      const skipped = match.length - 43;
      const isOurs = isBeginning(line, offset + skipped) && isRandom(match.slice(skipped));
      return isOurs ? `${match.slice(0, skipped)}${REDACTED}` : match;
    },
  },
  {
    pattern: patternOf(String.raw`[2-6]\d{3}(?:(?:[ +-]|%20)?\d){9,15}(?![\w-])`),
    replace: ({ match, line, offset }) =>
      isBeginning(line, offset) && isCard(match) ? inPlaceOfCard(line, offset) : match,
  },
];

function patternOf(source: string): RegExp {
  return new RegExp(source, 'gi');
}

/** What stands behind `prefix`, which is kept. */
function behind(prefix: string, secret: string): Rule {
  const replace = ({ groups: [kept = ''] }: Found): string => `${kept}${REDACTED}`;
  return { pattern: patternOf(`(${prefix})${secret}`), replace };
}

/** A word of its own. */
function token(secret: string): Rule {
  const replace = ({ match, line, offset }: Found): string => (isBeginning(line, offset) ? REDACTED : match);
  return { pattern: patternOf(secret), replace };
}

function applied(line: string, { pattern, replace }: Rule): string {
  return line.replace(pattern, (match: string, ...rest: unknown[]) => {
    if (typeof rest.at(-1) === 'object') rest.pop(); // named groups, which stand among the others too
    const groups = rest.slice(0, -2) as (string | undefined)[];
    return replace({ match, groups, line, offset: rest.at(-2) as number });
  });
}

/** Whether a word begins here: behind the escapes of JSON and of addresses too, which end like a word. */
function isBeginning(line: string, offset: number): boolean {
  const before = line.slice(Math.max(0, offset - 3), offset);
  return !/[\w-]$/.test(before) || /%[0-9a-f]{2}$|\\[bfnrt]$/i.test(before);
}

/** No word has all of them. */
function isRandom(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

const CARD =
  /^(?:4\d{12}|4\d{15}|4\d{18}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|6\d{15,18}|35\d{14})$/;

/** A number that begins as cards do and whose check digit is right (ISO/IEC 7812-1, annex B). */
function isCard(text: string): boolean {
  const digits = text.replaceAll('%20', '').replaceAll(/\D/g, '');
  if (!CARD.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, place) => {
      const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

// A bare number of JSON can't become a word without quotes.
function inPlaceOfCard(line: string, offset: number): string {
  return /(?:":|[[,])$/.test(line.slice(Math.max(0, offset - 2), offset)) ? 'null' : REDACTED;
}

/** A value as it is, and as it stands in an address, in JSON, and in JSON within JSON. */
function formsOf(secret: string): string[] {
  if (secret.length < SECRET_CHARACTERS_MIN) return [];
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  const once = inJson(secret);
  const twice = inJson(once);
  return [secret, encodeURIComponent(secret), once, twice, inJson(twice)];
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
}
