import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { eventTypes, makeSeller, PASSES_AT_ONCE, TERMS } from './support/seller.ts';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

const CUSTOM: Stripe.AccountCreateParams = {
  type: 'custom',
  country: 'US',
  capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
};

describe('an account', () => {
  it('that is empty may do nothing and says what it needs', async () => {
    const account = await local.stripe.accounts.create({ ...CUSTOM, business_type: 'individual' });
    expect(account).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      details_submitted: false,
      capabilities: { card_payments: 'inactive', transfers: 'inactive' },
      requirements: { disabled_reason: 'requirements.past_due' },
    });
    expect(account.requirements?.currently_due).toEqual(
      expect.arrayContaining(['external_account', 'individual.dob.day', 'tos_acceptance.date']),
    );
  });

  it('with the full Dashboard is asked for its business too, though nothing waits for that', async () => {
    const account = await local.stripe.accounts.create({ country: 'AU', business_type: 'non_profit' });
    expect(account).toMatchObject({ type: 'standard', default_currency: 'aud', capabilities: {} });
    expect(account.company).toMatchObject({ name: null, address: { country: 'AU' } });
    expect(account.requirements?.currently_due).toContain('business_profile.url');
    expect(account.requirements?.past_due).toEqual([
      'external_account',
      'tos_acceptance.date',
      'tos_acceptance.ip',
    ]);
  });

  it('is not to be had in a country that there is not, through either API', async () => {
    for (const country of ['XX', 'ZZ', 'USA', '1']) {
      const older = await refusal(local.stripe.accounts.create({ country }));
      expect([country, older.statusCode, older.code]).toEqual([country, 400, 'country_code_invalid']);
    }
    const newer = local.stripe.v2.core.accounts.create({ dashboard: 'full', identity: { country: 'xx' } });
    expect((await refusal(newer)).statusCode).toBe(400);
    const known = local.stripe.v2.core.accounts.create({ dashboard: 'full', identity: { country: 'eg' } });
    expect((await known).id).toMatch(/^acct_/);
  });

  it('that passes every check is enabled at once', async () => {
    const seller = await makeSeller(local);
    expect(seller).toMatchObject({
      charges_enabled: true,
      payouts_enabled: true,
      details_submitted: true,
      capabilities: { card_payments: 'active', transfers: 'active' },
      requirements: { currently_due: [], past_due: [], disabled_reason: null },
      individual: { first_name: 'Jenny', ssn_last_4_provided: true, verification: { status: 'verified' } },
    });
  });

  it('that comes together bit by bit announces each step on itself', async () => {
    const { id } = await local.stripe.accounts.create(CUSTOM);
    const { business_type, business_profile, individual, external_account } = PASSES_AT_ONCE;
    await local.stripe.accounts.update(id, { business_type, business_profile });
    await local.stripe.accounts.update(id, {
      individual: { ...individual, address: { ...individual.address } },
    });
    await local.stripe.accounts.update(id, TERMS);
    const before = await local.stripe.accounts.retrieve(id);
    expect(before).toMatchObject({ charges_enabled: true, payouts_enabled: false });
    expect(before.requirements?.currently_due).toEqual(['external_account']);
    await local.stripe.accounts.createExternalAccount(id, { external_account });
    expect((await local.stripe.accounts.retrieve(id)).payouts_enabled).toBe(true);
    const types = await eventTypes(local, id);
    expect(types).toEqual(
      expect.arrayContaining(['person.created', 'capability.updated', 'account.external_account.created']),
    );
    const { data } = await local.stripe.events.list({ type: 'account.updated' }, { stripeAccount: id });
    expect(data[0]).toMatchObject({ account: id, data: { previous_attributes: { payouts_enabled: false } } });
    await local.stripe.accounts.update(id, { metadata: { tier: 'gold' }, business_profile: { name: 'J' } });
    const [latest] = (await local.stripe.events.list({ type: 'account.updated' })).data;
    expect(latest?.data.previous_attributes).toEqual({ metadata: {}, business_profile: { name: null } });
  });

  it('whose checks take their time is pending first', async () => {
    const individual = { ...PASSES_AT_ONCE.individual, dob: { day: 1, month: 1, year: 1901 } };
    const seller = await makeSeller(local, { individual: { ...individual, id_number: '000000000' } });
    expect(seller.requirements).toMatchObject({ disabled_reason: 'requirements.pending_verification' });
    expect(seller.capabilities).toEqual({ card_payments: 'pending', transfers: 'pending' });
    await local.sim.clock.advance(10);
    expect((await local.stripe.accounts.retrieve(seller.id)).charges_enabled).toBe(true);
    const types = await eventTypes(local, seller.id);
    expect(types.filter((type) => type === 'capability.updated').length).toBeGreaterThan(1);
  });

  it.each([
    ['an identity that does not match', { id_number: '111111111' }, 'verification_failed_keyed_identity'],
    ['an address that does not match', { address: { line1: 'address_no_match' } }, undefined],
  ])('with %s has to show a document', async (_, wrong, code) => {
    const dob = { day: 1, month: 1, year: 1901 };
    const { individual } = PASSES_AT_ONCE;
    const address = { ...individual.address, ...('address' in wrong ? wrong.address : {}) };
    const seller = await makeSeller(local, { individual: { ...individual, dob, ...wrong, address } });
    await local.sim.clock.advance(10);
    const after = await local.stripe.accounts.retrieve(seller.id);
    expect(after.charges_enabled).toBe(false);
    const [error] = after.requirements?.errors ?? [];
    expect(error?.code).toBe(code ?? 'verification_failed_residential_address');
    const part = code ? 'document' : 'additional_document';
    expect(error?.requirement).toBe(`individual.verification.${part}`);
    await local.stripe.accounts.update(seller.id, {
      individual: { verification: { [part]: { front: 'file_identity_document_success' } } },
    });
    expect((await local.stripe.accounts.retrieve(seller.id)).charges_enabled).toBe(true);
  });

  it('of somebody who may not be paid is stopped and then rejected', async () => {
    const dob = { day: 1, month: 1, year: 1900 };
    const seller = await makeSeller(local, { individual: { ...PASSES_AT_ONCE.individual, dob } });
    expect(seller).toMatchObject({ charges_enabled: false, requirements: { disabled_reason: 'listed' } });
    await local.sim.clock.advance(2 * 3600);
    const after = await local.stripe.accounts.retrieve(seller.id);
    expect(after.requirements?.disabled_reason).toBe('rejected.listed');
  });

  it('is rejected by its platform, deleted, and then out of reach', async () => {
    const { id } = await makeSeller(local);
    const rejected = await local.stripe.accounts.reject(id, { reason: 'fraud_other' });
    expect(rejected).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      requirements: { disabled_reason: 'rejected.platform_fraud' },
    });
    expect((await local.stripe.accounts.unreject(id)).charges_enabled).toBe(true);
    await local.stripe.accounts.reject(id, { reason: 'other' });
    expect(await local.stripe.accounts.del(id)).toEqual({ id, object: 'account', deleted: true });
    expect(await refusal(local.stripe.accounts.retrieve(id))).toMatchObject({
      statusCode: 403,
      code: 'account_invalid',
    });
    const away = local.stripe.customers.create({}, { stripeAccount: id });
    expect((await refusal(away)).code).toBe('account_invalid');
    const { data } = await local.stripe.events.list({ type: 'account.application.deauthorized' });
    expect(data[0]).toMatchObject({ account: id, data: { object: { object: 'application' } } });
  });

  it('that was rejected looks to older versions as if Stripe had done it', async () => {
    const { id } = await makeSeller(local);
    const older = { apiVersion: '2025-10-29.clover' };
    const rejected = await local.stripe.accounts.reject(id, { reason: 'fraud' }, older);
    expect(rejected.requirements?.disabled_reason).toBe('rejected.fraud');
    const now = await local.stripe.accounts.retrieve(id);
    expect(now.requirements?.disabled_reason).toBe('rejected.platform_fraud');
  });

  it('is a company whose owners and leader are people of their own', async () => {
    const { id } = await local.stripe.accounts.create({
      ...CUSTOM,
      business_type: 'company',
      business_profile: { mcc: '5734', url: 'https://accessible.stripe.com' },
      company: {
        name: 'Rocket Rides',
        phone: '0000000000',
        tax_id: '000000000',
        owners_provided: true,
        address: { ...PASSES_AT_ONCE.individual.address },
      },
      external_account: 'btok_us_verified',
      ...TERMS,
    });
    const { individual } = PASSES_AT_ONCE;
    const leader = await local.stripe.accounts.createPerson(id, {
      ...individual,
      address: { ...individual.address },
      relationship: { representative: true, executive: true, title: 'CEO' },
    });
    await local.sim.clock.advance(10);
    expect(await local.stripe.accounts.retrieve(id)).toMatchObject({
      charges_enabled: true,
      company: { tax_id_provided: true, name: 'Rocket Rides' },
    });
    const owner = await local.stripe.accounts.createPerson(id, { relationship: { owner: true } });
    const missing = await local.stripe.accounts.retrieve(id);
    expect(missing.requirements?.currently_due).toContain(`${owner.id}.first_name`);
    expect((await local.stripe.accounts.listPersons(id)).data).toHaveLength(2);
    await local.stripe.accounts.deletePerson(id, owner.id);
    expect((await local.stripe.accounts.retrieve(id)).requirements?.currently_due).toEqual([]);
    expect((await refusal(local.stripe.accounts.deletePerson(id, leader.id))).statusCode).toBe(400);
  });
});

describe('a capability', () => {
  it('is asked for, is active, and can be given up', async () => {
    const seller = await makeSeller(local, { capabilities: { transfers: { requested: true } } });
    expect(seller.capabilities).toEqual({ transfers: 'active' });
    const given = await local.stripe.accounts.updateCapability(seller.id, 'card_payments', {
      requested: true,
    });
    expect(given).toMatchObject({ id: 'card_payments', requested: true, status: 'active' });
    await local.stripe.accounts.updateCapability(seller.id, 'transfers', { requested: false });
    const { data } = await local.stripe.accounts.listCapabilities(seller.id);
    expect(data.map(({ id, status }) => [id, status])).toEqual([
      ['card_payments', 'active'],
      ['transfers', 'unrequested'],
    ]);
  });

  it.each([
    ['pm_card_visa_triggerNextRequirements', { current_deadline: expect.any(Number) }, {}],
    [
      'pm_card_visa_triggerChargeBlock',
      { disabled_reason: 'requirements.past_due' },
      { charges_enabled: false },
    ],
    [
      'pm_card_visa_triggerPayoutBlock',
      { disabled_reason: 'requirements.past_due' },
      { payouts_enabled: false },
    ],
  ])('is threatened or stopped by %s', async (payment_method, requirements, flags) => {
    const { id } = await makeSeller(local);
    await local.stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      confirm: true,
      on_behalf_of: id,
      payment_method,
    });
    const asked = await local.stripe.accounts.retrieve(id);
    expect(asked).toMatchObject({ ...flags, requirements });
    expect(asked.requirements?.currently_due).toContain('individual.verification.document');
    await local.stripe.accounts.update(id, {
      individual: { verification: { document: { front: 'file_identity_document_success' } } },
    });
    const fine = { charges_enabled: true, payouts_enabled: true, requirements: { currently_due: [] } };
    expect(await local.stripe.accounts.retrieve(id)).toMatchObject(fine);
  });
});
