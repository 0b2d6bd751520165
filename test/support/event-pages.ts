import { expect } from 'vitest';
import type { EventRow } from '../../src/events/rows.ts';
import type { Running } from './quittance.ts';

export interface Page {
  data: EventRow[];
  next: number | null;
}

/** One answer of `GET /api/events`, which must be a good one. */
export async function page(running: Pick<Running, 'api'>, query: string): Promise<Page> {
  const answer = await running.api(`/api/events${query}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return (await answer.json()) as Page;
}
