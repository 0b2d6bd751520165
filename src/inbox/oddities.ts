import type { Problem } from './envelope.ts';

// Stripe's deepest object is about a dozen levels; a handler that walks a tree needs a bound.
const DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Looks for what is valid JSON and yet treacherous: it would be rounded, reordered, dropped or refused
 * somewhere behind us. One pass over the bytes, one over the parsed tree.
 * `parsed` is `JSON.parse` of `body`.
 */
export function findOddity(body: Buffer, parsed: unknown): Problem | null {
  const scan = scanBytes(body);
  if (scan.depth > DEPTH_MAX) return 'nested_too_deeply';
  // Bytes that are UTF-8 can hold a NUL or half a surrogate pair only as an escape.
  const tree: Tree = { keys: 0, problem: null, hasEscapes: body.includes('\\u') };
  inspect(parsed, tree);
  if (tree.problem) return tree.problem;
  return scan.keys === tree.keys ? null : 'duplicate_key';
}

interface Scan {
  depth: number;
  /** Keys as written; JSON.parse keeps only the last of two equal ones. */
  keys: number;
}

function scanBytes(body: Buffer): Scan {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] as number;
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === COLON) keys += 1;
    // { and [ are 0x7b and 0x5b, } and ] two more: one bit apart.
    else if ((byte | 0x20) === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((byte | 0x20) === 0x7d) depth -= 1;
  }
  return { depth: deepest, keys };
}

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(body: Buffer, start: number): number {
  let end = body.indexOf(QUOTE, start + 1);
  while (end > 0 && isEscaped(body, end)) end = body.indexOf(QUOTE, end + 1);
  return end < 0 ? body.length : end;
}

function isEscaped(body: Buffer, quote: number): boolean {
  let slashes = 0;
  while (body[quote - 1 - slashes] === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

interface Tree {
  keys: number;
  problem: Problem | null;
  hasEscapes: boolean;
}

function inspect(value: unknown, tree: Tree): void {
  if (typeof value === 'string') {
    if (tree.hasEscapes) inspectText(value, tree);
    return;
  }
  // Beyond 2^53 JavaScript has rounded already, and 1e400 it reads as infinity. Fractions it may round.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    tree.problem = 'number_out_of_range';
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, tree);
    return;
  }
  for (const key in value) {
    tree.keys += 1;
    if (key === '__proto__') tree.problem = 'prototype_key';
    if (tree.hasEscapes) inspectText(key, tree);
    inspect((value as Record<string, unknown>)[key], tree);
  }
}

function inspectText(text: string, tree: Tree): void {
  if (text.includes('\0')) tree.problem = 'nul_character';
  else if (!text.isWellFormed()) tree.problem = 'lone_surrogate';
}
