import type { Check } from '../../../generated/contract.d.ts';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';

type Status = Check['status'];

const WORDS: Record<Status, { tone: Tone; word: string }> = {
  ok: { tone: 'good', word: 'in order' },
  warn: { tone: 'wait', word: 'look at it' },
  fail: { tone: 'bad', word: 'wrong' },
  unknown: { tone: 'neutral', word: 'unknown' },
};

/** How a thing stands, in a word. */
export function Standing({ status }: { status: Status }) {
  const { tone, word } = WORDS[status];
  return <StatusBadge tone={tone}>{word}</StatusBadge>;
}

/** All of it in a sentence. */
export function sumOf(checks: readonly Check[]): string {
  const count = (of: Status): number => checks.filter(({ status }) => status === of).length;
  const [wrong, worth, unknown] = [count('fail'), count('warn'), count('unknown')];
  if (wrong + worth + unknown === 0) return `All ${checks.length} are in order.`;
  const parts = [
    wrong > 0 ? `${wrong} wrong` : '',
    worth > 0 ? `${worth} worth a look` : '',
    unknown > 0 ? `${unknown} unknown` : '',
  ].filter(Boolean);
  return `${parts.join(', ')}, ${count('ok')} in order.`;
}
