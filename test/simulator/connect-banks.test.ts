import { describe, expect, it } from 'vitest';
import { makeSeller } from './support/seller.ts';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a bank account', () => {
  it('comes from a token, is checked, and gives its place to the next default', async () => {
    const { id } = await makeSeller(local);
    const bank_account = { country: 'US', currency: 'usd', routing_number: '110000000' };
    const bad = local.stripe.tokens.create({ bank_account: { ...bank_account, account_number: '42' } });
    expect((await refusal(bad)).param).toBe('bank_account[account_number]');
    const token = await local.stripe.tokens.create({
      bank_account: { ...bank_account, account_number: '000111111116' },
    });
    const next = await local.stripe.accounts.createExternalAccount(id, { external_account: token.id });
    expect(next).toMatchObject({ last4: '1116', default_for_currency: false });
    await local.stripe.accounts.updateExternalAccount(id, next.id, { default_for_currency: true });
    const { data } = await local.stripe.accounts.listExternalAccounts(id);
    expect(data.map(({ last4, default_for_currency: first }) => [last4, first])).toEqual([
      ['1116', true],
      ['6789', false],
    ]);
    expect((await refusal(local.stripe.accounts.deleteExternalAccount(id, next.id))).statusCode).toBe(400);
    await local.stripe.accounts.deleteExternalAccount(id, data[1]?.id ?? '');
    expect((await local.stripe.accounts.listExternalAccounts(id)).data).toHaveLength(1);
  });
});

it('tokens stand for what was typed about an account and a person, once', async () => {
  const typed = { business_type: 'individual' as const, tos_shown_and_accepted: true };
  const token = await local.stripe.tokens.create({ account: typed });
  const account = await local.stripe.accounts.create({ type: 'custom', account_token: token.id });
  expect(account.tos_acceptance?.date).toEqual(expect.any(Number));
  expect(account.business_type).toBe('individual');
  const again = await refusal(local.stripe.accounts.create({ type: 'custom', account_token: token.id }));
  expect(again.code).toBe('token_already_used');
});
