import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { eventTypes } from './support/seller.ts';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
type Account = Stripe.V2.Core.Account;

const INCLUDE = ['configuration.merchant', 'configuration.recipient', 'defaults', 'identity', 'requirements'];
const include = INCLUDE as Stripe.V2.Core.AccountCreateParams.Include[];

const SELLER: Stripe.V2.Core.AccountCreateParams = {
  contact_email: 'jenny.rosen@example.com',
  display_name: 'Jenny’s',
  dashboard: 'none',
  defaults: { responsibilities: { fees_collector: 'application', losses_collector: 'application' } },
  configuration: {
    recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
  },
  identity: {
    country: 'us',
    entity_type: 'individual',
    individual: {
      given_name: 'Jenny',
      surname: 'Rosen',
      email: 'jenny.rosen@example.com',
      phone: '0000000000',
      date_of_birth: { day: 1, month: 1, year: 1902 },
      address: {
        line1: 'address_full_match',
        city: 'Columbus',
        state: 'OH',
        postal_code: '43214',
        country: 'us',
      },
      id_numbers: [{ type: 'us_ssn_last_4', value: '0000' }],
    },
    attestations: { terms_of_service: { account: { date: '2026-01-01T00:00:00Z', ip: '127.0.0.1' } } },
  },
  include,
};

function thin(): Promise<Stripe.V2.Core.Event[]> {
  return local.stripe.v2.core.events.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
}

const statusOf = ({ configuration }: Account): string | undefined =>
  configuration?.recipient?.capabilities?.stripe_balance?.stripe_transfers?.status;

describe('an account of v2', () => {
  it('shows only what was asked to be included', async () => {
    const { id } = await local.stripe.v2.core.accounts.create({ ...SELLER, include: [] });
    const bare = await local.stripe.v2.core.accounts.retrieve(id);
    expect(bare).toMatchObject({
      object: 'v2.core.account',
      applied_configurations: ['recipient'],
      display_name: 'Jenny’s',
      dashboard: 'none',
      configuration: null,
      identity: null,
      requirements: null,
    });
    const full = await local.stripe.v2.core.accounts.retrieve(id, { include });
    expect(full).toMatchObject({
      configuration: { merchant: null, recipient: { applied: true } },
      defaults: { currency: 'usd', responsibilities: { requirements_collector: 'application' } },
      identity: {
        country: 'us',
        individual: { given_name: 'Jenny', id_numbers: [{ type: 'us_ssn_last_4' }] },
      },
    });
  });

  it('is restricted by what is due, in its own words, and active once all is given', async () => {
    const { phone: _phone, ...rest } = SELLER.identity?.individual ?? {};
    const begun = await local.stripe.v2.core.accounts.create({
      ...SELLER,
      identity: { ...SELLER.identity, individual: rest },
    });
    expect(statusOf(begun)).toBe('restricted');
    expect(begun.requirements?.summary?.minimum_deadline?.status).toBe('past_due');
    expect(begun.requirements?.entries?.map(({ description }) => description)).toContain(
      'identity.individual.phone',
    );
    const done = await local.stripe.v2.core.accounts.update(begun.id, {
      identity: { individual: { phone: '0000000000' } },
      include,
    });
    expect(statusOf(done)).toBe('active');
    await local.stripe.accounts.createExternalAccount(done.id, { external_account: 'btok_us_verified' });
    const older = await local.stripe.accounts.retrieve(done.id);
    expect(older).toMatchObject({
      payouts_enabled: true,
      capabilities: { transfers: 'active' },
      type: 'none',
    });
  });

  it('announces itself on the platform by thin events, and as v1 on itself', async () => {
    const { id } = await local.stripe.v2.core.accounts.create(SELLER);
    await local.stripe.v2.core.accounts.update(id, {
      configuration: { merchant: { capabilities: { card_payments: { requested: true } }, mcc: '5734' } },
      defaults: { profile: { business_url: 'https://accessible.stripe.com' } },
    });
    const events = await thin();
    const types = events.map(({ type }) => type as string);
    expect(types.at(-1)).toBe('v2.core.account.created');
    expect(types).toEqual(
      expect.arrayContaining([
        'v2.core.account[configuration.recipient].capability_status_updated',
        'v2.core.account[configuration.merchant].updated',
        'v2.core.account[configuration.merchant].capability_status_updated',
        'v2.core.account[requirements].updated',
      ]),
    );
    const [status] = events.filter(({ type }) => (type as string).includes('recipient].capability'));
    expect(status).toMatchObject({
      data: { updated_capability: 'stripe_balance.stripe_transfers' },
      related_object: { id, type: 'v2.core.account', url: `/v2/core/accounts/${id}` },
    });
    expect(await eventTypes(local, id)).toContain('capability.updated');
  });

  it('sends its thin events to a destination, which the client can parse and follow', async () => {
    const receiver = await Receiver.start();
    const destination = await local.stripe.v2.core.eventDestinations.create({
      name: 'accounts',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v2.core.account.created'],
      webhook_endpoint: { url: receiver.url },
      include: ['webhook_endpoint.signing_secret'],
    });
    const { id } = await local.stripe.v2.core.accounts.create(SELLER);
    await local.sim.deliveriesSettled();
    const [delivery] = receiver.received;
    receiver.close();
    const notification = local.stripe.parseEventNotification(
      delivery?.body ?? '',
      String(delivery?.headers['stripe-signature']),
      destination.webhook_endpoint?.signing_secret ?? '',
    ) as Stripe.Events.V2CoreAccountCreatedEventNotification;
    expect((await notification.fetchRelatedObject()).id).toBe(id);
    expect((await notification.fetchEvent()).type).toBe('v2.core.account.created');
  });

  it('can’t have responsibilities that Stripe does not offer', async () => {
    const wrong = local.stripe.v2.core.accounts.create({
      dashboard: 'express',
      defaults: { responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' } },
    });
    expect((await refusal(wrong)).statusCode).toBe(400);
    const { id } = await local.stripe.v2.core.accounts.create(SELLER);
    const later = local.stripe.v2.core.accounts.update(id, { dashboard: 'full' });
    expect((await refusal(later)).param).toBe('dashboard');
  });

  it('is listed page by page by what it is, and not any more once closed', async () => {
    const ids = [];
    for (let count = 0; count < 3; count += 1)
      ids.push((await local.stripe.v2.core.accounts.create({ ...SELLER, include: [] })).id);
    await local.stripe.v2.core.accounts.create({ dashboard: 'full', configuration: { customer: {} } });
    const listed = async (): Promise<string[]> => {
      const filter = { limit: 2, applied_configurations: ['recipient' as const] };
      const all = await local.stripe.v2.core.accounts.list(filter).autoPagingToArray({ limit: 100 });
      return all.map(({ id }) => id);
    };
    expect(await listed()).toEqual(ids.toReversed());
    const closed = await local.stripe.v2.core.accounts.close(ids[0] ?? '', {
      applied_configurations: ['recipient'],
    });
    expect(closed.closed).toBe(true);
    expect(await listed()).toEqual(ids.slice(1).toReversed());
    expect((await thin())[0]?.type).toBe('v2.core.account.closed');
    expect((await local.stripe.accounts.retrieve(ids[0] ?? '')).payouts_enabled).toBe(false);
  });

  it('has people, tokens for what is typed elsewhere, and links', async () => {
    const token = await local.stripe.v2.core.accountTokens.create({
      identity: { entity_type: 'company', business_details: { registered_name: 'Rocket Rides' } },
    });
    const { identity: _identity, ...rest } = SELLER;
    const company = { ...rest, identity: { country: 'us' }, account_token: token.id };
    const { id, identity } = await local.stripe.v2.core.accounts.create(company);
    expect(identity).toMatchObject({
      entity_type: 'company',
      business_details: { registered_name: 'Rocket Rides' },
    });
    expect((await refusal(local.stripe.v2.core.accounts.create(company))).code).toBe('token_already_used');
    const person = await local.stripe.v2.core.accounts.persons.create(id, {
      given_name: 'Jenny',
      surname: 'Rosen',
      relationship: { representative: true, title: 'CEO', percent_ownership: Stripe.Decimal.from('50') },
    });
    const known = await local.stripe.v2.core.accounts.persons.retrieve(id, person.id);
    expect(known.relationship?.percent_ownership?.toString()).toBe('50');
    await local.stripe.v2.core.accounts.persons.del(id, person.id);
    const { data } = await local.stripe.v2.core.accounts.persons.list(id);
    expect(data).toEqual([]);
    const link = await local.stripe.v2.core.accountLinks.create({
      account: id,
      use_case: {
        type: 'account_onboarding',
        account_onboarding: { refresh_url: 'http://shop.test/again', return_url: 'http://shop.test/back' },
      },
    });
    const visit = (await fetch(link.url, { redirect: 'manual' })).headers.get('location') ?? '';
    const post = (form: Record<string, string>): Promise<Response> =>
      fetch(`${local.sim.url}${visit}`, {
        method: 'POST',
        body: new URLSearchParams(form),
        redirect: 'manual',
      });
    await post({ code: '000000' });
    const back = await post({ step: 'review' });
    expect(back.headers.get('location')).toBe('http://shop.test/back');
    expect((await thin())[0]).toMatchObject({
      type: 'v2.core.account_link.returned',
      data: { account_id: id, configurations: ['recipient'], use_case: 'account_onboarding' },
    });
  });
});
