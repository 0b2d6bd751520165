import { isStorable } from '../../http/request.ts';

// No honest request is deeper, and what walks it later, by recursion, must come back.
const DEPTH_MAX = 64;

/** A JSON object, as far as it is known. */
export type JsonObject = Record<string, unknown>;

/** The text of bytes; null when they are no UTF-8. A byte order mark is kept: no JSON begins with one. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * The object that a text is the JSON of. Null for any other JSON, for one deeper than 64 levels, with a key
 * `__proto__`, or with text that PostgreSQL would not take (NUL, half a surrogate pair). Never throws.
 */
export function parseObject(text: string | null): JsonObject | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isHarmless(value) ? value : null;
  } catch {
    return null;
  }
}

/** The same for text that JSON.stringify wrote: no spaces, no key twice, nothing escaped without need. */
export function parseWritten(text: string | null): JsonObject | null {
  const value = parseObject(text);
  return value && JSON.stringify(value) === text ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Without recursion: it is there to keep deep values away from who recurses.
function isHarmless(root: JsonObject): boolean {
  const open: [value: unknown, depth: number][] = [[root, 1]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string' && !isStorable(value)) return false;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEPTH_MAX) return false;
    for (const [key, inner] of Object.entries(value)) {
      if (key === '__proto__' || !isStorable(key)) return false;
      open.push([inner, depth + 1]);
    }
  }
  return true;
}
