import type { Seller } from '../../src/connect/seller.ts';
import type { Running } from './quittance.ts';
import { API_KEY } from './quittance.ts';

export interface AddedSeller {
  seller: Seller;
  /** Where the seller begins. */
  url: string;
  expires_at: string;
}

/** Takes a seller on by the API. */
export async function addSeller(
  shop: Pick<Running, 'url'>,
  reference: string,
  more: Record<string, unknown> = {},
): Promise<AddedSeller> {
  return postApi(shop, '/api/connect/sellers', {
    reference,
    email: `${reference}@example.com`,
    country: 'US',
    business_type: 'individual',
    ...more,
  });
}

/** Posts to the platform's API and returns the answer, which has to be a good one. */
export async function postApi<T>(shop: Pick<Running, 'url'>, path: string, body: unknown = {}): Promise<T> {
  const answer = await fetch(`${shop.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}
