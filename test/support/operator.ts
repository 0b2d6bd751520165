import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../src/clock.ts';
import type { Database } from '../../src/db/database.ts';
import type { Role } from '../../src/http/caller.ts';
import { Operators } from '../../src/operators/operators.ts';

/** Somebody who has signed in to the console of a server. */
export interface Person {
  id: string;
  name: string;
  cookie: string;
  csrfToken: string;
  /** Asks as a page of the console does. */
  ask: (path: string, init?: Asking) => Promise<Response>;
}

interface Asking {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Place {
  url: string;
  database: Database;
}

/** Adds an operator of this role and signs them in. */
export async function somebody(place: Place, role: Role, clock = systemClock): Promise<Person> {
  const name = `${role}_${randomBytes(4).toString('hex')}@example.com`;
  const added = await operatorsOf(place, clock).add({ name, role });
  if ('problem' in added) throw new Error(added.problem.code);
  const token = await linkToken(place, name, clock);
  const cookie = cookieOf(await post(`${place.url}/api/session/link`, { token }));
  return personOf(place.url, { id: added.operator.id, name, cookie });
}

/** What stands in a new link by which somebody is let in. */
export async function linkToken(place: Place, name: string, clock = systemClock): Promise<string> {
  const operators = operatorsOf(place, clock);
  const made = await operators.link((await operators.byName(name))?.id ?? '', 'sign_in');
  if ('problem' in made) throw new Error(made.problem.code);
  return new URL(made.link.url).searchParams.get('token') ?? '';
}

function operatorsOf({ url, database }: Place, clock: Clock): Operators {
  return new Operators({ database, clock, publicUrl: url });
}

/** Whoever has this cookie. */
export async function personOf(
  url: string,
  { id, name, cookie }: Pick<Person, 'id' | 'name' | 'cookie'>,
): Promise<Person> {
  const session = await fetch(`${url}/api/session`, { headers: { cookie } });
  const { csrf_token: csrfToken } = (await session.json()) as { csrf_token: string };
  const ask: Person['ask'] = (path, { method = 'GET', body, headers = {} } = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { cookie, 'x-csrf-token': csrfToken, origin: url, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { id, name, cookie, csrfToken, ask };
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(answer: Response): string {
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
}
