import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useSimulator } from './support/simulator.ts';

const local = useSimulator();

interface Operation {
  method: string;
  path: string;
}

const contract = JSON.parse(
  readFileSync(new URL('../../generated/contract.json', import.meta.url), 'utf8'),
) as { apiVersion: string; operations: Operation[] };

it('is derived from the client that is installed', () => {
  expect(contract.apiVersion).toBe('2026-10-28.endive');
  expect(contract.operations.length).toBeGreaterThan(600);
});

it('every route answers as Stripe: never unknown, never a crash', async () => {
  const wrong: string[] = [];
  for (const { method, path } of contract.operations) {
    const url = path.replaceAll('{}', 'id_of_nothing');
    const answer = await local.raw(url, { method, ...(method === 'POST' && { body: '' }) });
    // /oauth answers as RFC 6749 has it: `error` is a word there.
    const unknown = answer.body.error?.message?.startsWith('Unrecognized request URL');
    // Stripe does not tell an account that isn't there from one that isn't yours.
    const fine = /^\/v(1|2\/core)\/accounts\/\{\}/.test(path) ? [200, 400, 403, 404] : [200, 400, 404];
    if (unknown || !fine.includes(answer.status)) wrong.push(`${method} ${path}: ${answer.status}`);
  }
  expect(wrong).toEqual([]);
});

it('a route that is not in it is unknown', async () => {
  const answer = await local.raw('/v1/id_of_nothing');
  expect(answer.body.error.message).toContain('Unrecognized request URL');
});
