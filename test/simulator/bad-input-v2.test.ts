import { expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

async function create(json: unknown) {
  const headers = { 'content-type': 'application/json' };
  return local.raw('/v2/core/accounts', { method: 'POST', body: JSON.stringify(json), headers });
}

const requested = (value: unknown): unknown => ({
  configuration: { merchant: { capabilities: { card_payments: { requested: value } } } },
});
const born = (day: unknown): unknown => ({
  identity: { individual: { date_of_birth: { day, month: 1, year: 1902 } } },
});
const REQUESTED = 'configuration[merchant][capabilities][card_payments][requested]';
const OWNERSHIP = 'identity[individual][relationship][percent_ownership]';

it.each([
  [{ display_name: 1 }, 'display_name', 'expected string, but received number'],
  [{ display_name: true }, 'display_name', 'expected string, but received boolean'],
  [{ display_name: ['a'] }, 'display_name', 'expected string, but received array'],
  [{ dashboard: 1 }, 'dashboard', 'expected string, but received number'],
  [requested('true'), REQUESTED, 'expected boolean, but received string'],
  [requested(1), REQUESTED, 'expected boolean, but received number'],
  [born('1'), 'identity[individual][date_of_birth][day]', 'expected number, but received string'],
  [{ include: { 0: 'identity' } }, 'include', 'expected array, but received object'],
  [{ include: ['identity', 1] }, 'include[1]', 'expected string, but received number'],
  [{ identity: [] }, 'identity', 'expected object, but received array'],
  [{ identity: 'us' }, 'identity', 'expected object, but received string'],
  [{ metadata: { tier: true } }, 'metadata[tier]', 'expected string, but received boolean'],
  [
    { identity: { individual: { relationship: { percent_ownership: 50 } } } },
    OWNERSHIP,
    'expected string, but received number',
  ],
])('a body of the wrong type is refused: %j', async (json, param, message) => {
  const { status, body } = await create(json);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({ type: 'invalid_request_error', code: 'invalid_fields', param });
  expect(body.error.message).toContain(message);
});

it.each([
  requested(true),
  born(1),
  { display_name: '1', metadata: { tier: 'gold', seats: 3 }, include: ['identity'] },
  { identity: { individual: { relationship: { percent_ownership: '50.5' } } } },
])('a body of the right types is taken: %j', async (json) => {
  expect((await create(json)).status).toBe(200);
});

it('an unknown field is told of as such, whatever its type', async () => {
  expect((await create({ nothing: 1 })).body.error.code).toBe('parameter_unknown');
});

it.each(['accounts', 'events', 'event_destinations'])('a page token that is none: %s', async (list) => {
  for (const page of ['zzz', '', '-1', '1.5']) {
    const { status, body } = await local.raw(`/v2/core/${list}?page=${page}`);
    expect([status, body.error?.message, body.error?.param]).toEqual([400, 'Invalid page token.', 'page']);
  }
});

it('the client knows the refusal for what it is', async () => {
  const wrong = { display_name: 1 as unknown as string };
  const error = await refusal(local.stripe.v2.core.accounts.create(wrong));
  expect(error).toMatchObject({ type: 'StripeInvalidRequestError', param: 'display_name' });
});
