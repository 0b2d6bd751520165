import { createHmac } from 'node:crypto';
import type { Seeded } from './seeded.ts';

/** What a header is made for. */
export interface Signed {
  body: Buffer;
  secrets: readonly string[];
  /** Seconds since the epoch. */
  now: number;
}

/** A header that is right, nearly right, or junk: every deviation is one that somebody might forgive. */
export function oddHeader(random: Seeded, signed: Signed): string {
  if (random.chance(0.05)) return random.text(200);
  const timestamp = oddTimestamp(random, signed.now);
  const elements = [`t=${timestamp}`, `v1=${signature(random, signed, timestamp)}`];
  const changes = random.chance(0.3) ? 0 : 1 + random.below(3);
  for (let change = 0; change < changes; change += 1) spoil(random, signed, timestamp, elements);
  const separator = random.chance(0.9) ? ',' : random.pick([', ', ' ,', ';', ',,', '\t,', ',\u00a0']);
  const header = elements.join(separator);
  if (random.chance(0.02)) return `${header},${'v1=0'.repeat(4_000)}`;
  return random.chance(0.05) ? random.text(3) + header + random.text(3) : header;
}

function oddTimestamp(random: Seeded, now: number): string {
  if (random.chance(0.5)) return String(now - random.below(300));
  return random.pick([
    `${now - 301}`,
    `${now + 100_000}`,
    `0${now}`,
    `+${now}`,
    `-${now}`,
    `${now}.0`,
    `${now}abc`,
    ` ${now}`,
    `${now}e0`,
    `0x${now.toString(16)}`,
    '-1',
    '0',
    'abc',
    'NaN',
    'Infinity',
    '',
    '9'.repeat(13),
    '9'.repeat(400),
    '\u0661\u0662',
  ]);
}

function signature(random: Seeded, { body, secrets }: Signed, timestamp: string): string {
  // Signed over `t` as it is written, or over the number that a lenient reader makes of it.
  const signedTime = random.chance(0.8) ? timestamp : String(Number.parseInt(timestamp, 10));
  return createHmac('sha256', random.pick(secrets)).update(`${signedTime}.`).update(body).digest('hex');
}

function spoil(random: Seeded, signed: Signed, timestamp: string, elements: string[]): void {
  const right = signature(random, signed, timestamp);
  const extra = (): string => random.pick(EXTRAS)(right, timestamp, random);
  const at = random.below(elements.length + 1);
  const kind = random.below(6);
  if (kind === 0) elements.splice(at, 1);
  else if (kind === 1) elements.reverse();
  else if (kind === 2) elements.push(...Array.from({ length: random.pick([2, 15, 16, 17, 300]) }, extra));
  else if (kind === 3 && elements.length > 0) {
    const place = random.below(elements.length);
    const element = elements[place] as string;
    const cut = random.below(element.length + 1);
    elements[place] = element.slice(0, cut) + random.text(1) + element.slice(cut + random.below(2));
  } else elements.splice(at, 0, extra());
}

const EXTRAS: readonly ((right: string, timestamp: string, random: Seeded) => string)[] = [
  (right) => `v1=${right}`,
  (right) => `v1=${right.toUpperCase()}`,
  (right) => `v1=${right.slice(1)}`,
  (right) => `v1=${right} `,
  (right) => `v1= ${right}`,
  (right) => `v1=${right}=x`,
  () => `v1=${'0'.repeat(64)}`,
  () => 'v1=',
  () => 'v1',
  () => '=',
  () => '',
  (right) => `v0=${right}`,
  (right) => `V1=${right}`,
  (right) => `v2=${right}`,
  (_, timestamp) => `t=${timestamp}`,
  (_, timestamp) => `t=${Number.parseInt(timestamp, 10) + 1}`,
  () => 't',
  () => 't=',
  (_, timestamp) => `t=${timestamp}=0`,
  (right) => `__proto__=${right}`,
  (_, __, random) => `${random.text(12)}=${random.text(12)}`,
];
