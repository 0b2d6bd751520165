import type { Answer } from '../api/client.ts';
import type { Choice } from '../parts/filters.tsx';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';

export type OrderState = Answer<'reviewOrder'>['status'];

const WORDS: Record<OrderState, { word: string; tone: Tone }> = {
  pending: { word: 'Not paid yet', tone: 'neutral' },
  processing: { word: 'Payment on its way', tone: 'wait' },
  failed: { word: 'Payment failed', tone: 'bad' },
  expired: { word: 'Expired', tone: 'neutral' },
  paid: { word: 'Paid, not fulfilled', tone: 'wait' },
  fulfilled: { word: 'Fulfilled', tone: 'good' },
  refunded: { word: 'Refunded', tone: 'info' },
  disputed: { word: 'Disputed', tone: 'bad' },
  review: { word: 'In review', tone: 'bad' },
};

export const STATUS_CHOICES: readonly Choice[] = Object.entries(WORDS).map(([value, { word }]) => ({
  value,
  label: word,
}));

/** Where an order stands. */
export function OrderStatus({ status }: { status: OrderState }) {
  const { word, tone } = WORDS[status];
  return <StatusBadge tone={tone}>{word}</StatusBadge>;
}
