import { type Simulator } from '../../src/simulator/index.ts';

export interface StripeCall {
  method: string;
  path: string;
  idempotency_key: string | null;
  replayed: boolean;
  status: number;
  params: Record<string, unknown>;
}

/** The calls a simulator was asked, oldest first; those whose `METHOD path` begins with `prefix`. */
export async function stripeCalls({ url }: Pick<Simulator, 'url'>, prefix = ''): Promise<StripeCall[]> {
  const answer = await fetch(`${url}/_sim/api/requests?limit=1000`);
  const { data } = (await answer.json()) as { data: StripeCall[] };
  return data.toReversed().filter(({ method, path }) => `${method} ${path}`.startsWith(prefix));
}
