import type { StoryLine } from '../../src/orders/schemas.ts';
import type { Shop } from './shop.ts';

/** What the API tells of an order or of a page of them, or the problem. */
export interface ToldOrder {
  http: number;
  id: string;
  code?: string;
  field?: string;
  detail?: string;
  status: string;
  problem: string | null;
  reviewed_at: string | null;
  data: { id: string }[];
  next: string | null;
}

/** Asks about orders as an operator: GET, or POST when there is a body. */
export async function askOrders(shop: Pick<Shop, 'api'>, path: string, body?: unknown): Promise<ToldOrder> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await shop.api(`/api/orders${path}`, init);
  return { ...((await answer.json()) as ToldOrder), http: answer.status };
}

/** Everything that happened to an order. */
export async function storyOf(shop: Pick<Shop, 'api'>, order: string): Promise<StoryLine[]> {
  return ((await askOrders(shop, `/${order}/timeline`)) as unknown as { data: StoryLine[] }).data;
}
