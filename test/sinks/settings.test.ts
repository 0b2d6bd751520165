import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { typesOf } from '../../src/sinks/patterns.ts';
import { sinksSchema, type Sink } from '../../src/sinks/settings.ts';

const SECRET = `whsec_${randomBytes(24).toString('base64')}`;
const GOOD = { name: 'crm', events: ['*'], url: 'https://crm.example.com/hook', secret: SECRET };

function trouble(...sinks: unknown[]): string {
  return sinksSchema.safeParse(sinks).error?.issues[0]?.message ?? 'none';
}

describe('the option sinks', () => {
  it('takes a URL with a secret, several secrets, or a function', () => {
    const [one, two] = sinksSchema.parse([
      { ...GOOD, secret: `${SECRET}, ${SECRET}` },
      { name: 'own', events: ['customer.*'], deliver: () => {} },
    ]) as [Sink, Sink];
    expect(one).toMatchObject({
      accounts: 'all',
      post: { secrets: [SECRET, SECRET], allowPrivateNetwork: false },
    });
    expect(two.deliver).toBeInstanceOf(Function);
    expect(sinksSchema.parse(undefined)).toEqual([]);
  });

  it('says what is wrong', () => {
    expect(trouble(GOOD)).toBe('none');
    expect(trouble({ ...GOOD, name: 'C R M' })).toContain('must be a word');
    expect(trouble({ ...GOOD, events: ['Customer'] })).toContain('must be an event type');
    expect(trouble({ ...GOOD, events: [] })).toContain('at least one');
    expect(trouble({ ...GOOD, url: 'ftp://crm.example.com' })).toContain('must be a URL');
    const http = { ...GOOD, url: 'http://crm.example.com' };
    expect(trouble(http)).toContain('http is for sinks with "allowPrivateNetwork" only');
    expect(trouble({ ...http, allowPrivateNetwork: true })).toBe('none');
    expect(trouble({ ...GOOD, url: 'https://me:word@crm.example.com' })).toContain('user name');
    for (const secret of ['', 'whsec_', 'whsec_test_secret', 'absec_x', SECRET.slice(0, -4), `${SECRET},x`]) {
      expect(trouble({ ...GOOD, secret })).toContain('24 to 64 random bytes');
    }
    expect(trouble({ ...GOOD, secret: undefined })).toContain(
      'needs either "url" and "secret", or "deliver"',
    );
    expect(trouble({ ...GOOD, deliver: () => {} })).toContain('needs either');
    expect(trouble(GOOD, GOOD)).toContain('names that differ');
    expect(trouble({ ...GOOD, retries: 3 })).toContain('retries');
  });

  it('knows what a pattern means', () => {
    const known = ['customer.created', 'customer.subscription.deleted', 'charge.failed'];
    const typesFor = (...events: string[]): string[] =>
      typesOf({ name: 'x', events, accounts: 'all' }, known);
    expect(typesFor('*')).toEqual(known);
    expect(typesFor('customer.*', 'customer.created')).toEqual(known.slice(0, 2));
    expect(typesFor('customer.subscription.*')).toEqual([known[1]]);
    expect(typesFor('brand.new')).toEqual(['brand.new']);
    expect(() => typesFor('custom.*')).toThrow(/means no event type/);
    expect(typesOf({ name: 'x', events: ['payment_intent.*'], accounts: 'all' })).toContain(
      'payment_intent.succeeded',
    );
  });
});
