import { describe, expect, it } from 'vitest';
import { readEnvelope, type Envelope, type Recognition } from '../../src/inbox/envelope.ts';
import { makeEvent } from '../support/events.ts';
import { Seeded } from '../support/seeded.ts';

const SEED = Number(process.env.SEED ?? 20_261_028);

const recognition: Recognition = {
  livemode: null,
  isKnownType: (type) => type === 'customer.updated' || type === 'v1.customer.updated',
  isKnownVersion: (version) => version <= '2026-10-28.endive',
};

function read(body: unknown, known: Partial<Recognition> = {}): Envelope {
  const bytes =
    typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  return readEnvelope(bytes, { ...recognition, ...known });
}

/** A whole event whose object holds this piece of JSON, as it is written. */
function around(json: string): string {
  return JSON.stringify(makeEvent({ data: { object: { id: 'cus_1', value: 0 } } })).replace(
    '"value":0',
    `"value":${json}`,
  );
}

describe('a snapshot event', () => {
  it('is known by its names, and keeps its bytes', () => {
    const event = makeEvent({ account: 'acct_1', created: 1_790_000_000 });
    expect(read(event)).toEqual({
      id: event.id,
      account: 'acct_1',
      livemode: false,
      type: 'customer.updated',
      kind: 'snapshot',
      apiVersion: '2026-10-28.endive',
      objectId: (event.data as { object: { id: string } }).object.id,
      created: '2026-09-21T14:13:20.000Z',
      problem: null,
      body: Buffer.from(JSON.stringify(event)),
    });
  });

  it('may be about an object without an id, and without a version', () => {
    const event = makeEvent({ api_version: null, data: { object: { object: 'balance' } } });
    expect(read(event)).toMatchObject({ problem: null, objectId: null, apiVersion: null });
  });
});

describe('a thin event', () => {
  const thin = {
    id: 'evt_thin_1',
    object: 'v2.core.event',
    type: 'v1.customer.updated',
    livemode: true,
    created: '2026-10-28T10:00:00.123Z',
    related_object: { id: 'cus_9', type: 'customer', url: '/v1/customers/cus_9' },
  };

  it('is known by its related object', () => {
    expect(read(thin)).toMatchObject({
      id: 'evt_thin_1',
      kind: 'thin',
      account: '',
      livemode: true,
      objectId: 'cus_9',
      created: '2026-10-28T10:00:00.123Z',
      problem: null,
    });
  });

  it.each([
    ['acct_a', 'acct_a'],
    ['acct_org/acct_b', 'acct_b'],
    [null, ''],
  ])('with the context %j belongs to %j', (context, account) => {
    expect(read({ ...thin, context })).toMatchObject({ account, problem: null });
  });

  it.each(['', 'yesterday', 12, null, '+275760-09-13T00:00:00Z', '-000044-03-15T00:00:00Z'])(
    'created %j is no time that an event has',
    (created) => {
      expect(read({ ...thin, created })).toMatchObject({ kind: 'unreadable', problem: 'not_an_event' });
    },
  );
});

describe('case 9: a body that is odd', () => {
  it.each([
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not_utf8'],
    ['half a character', Buffer.from('{"a":"\u20ac"}').subarray(0, 7), 'not_utf8'],
    ['nothing', '', 'not_json'],
    ['a word', 'hello', 'not_json'],
    ['half an object', '{"id":', 'not_json'],
    ['a byte order mark before it', `\ufeff${JSON.stringify(makeEvent())}`, 'not_json'],
    ['null', 'null', 'not_an_object'],
    ['an array', '[{"object":"event"}]', 'not_an_object'],
    ['a number', '17', 'not_an_object'],
    ['10,000 levels', around(`${'['.repeat(10_000)}${']'.repeat(10_000)}`), 'nested_too_deeply'],
    ['400,000 levels', '['.repeat(200_000) + ']'.repeat(200_000), 'not_an_object'],
    ['65 levels', around(`${'['.repeat(65)}${']'.repeat(65)}`), 'nested_too_deeply'],
    ['NUL in a value', around('"a\\u0000b"'), 'nul_character'],
    ['NUL in a key', around('{"a\\u0000b":1}'), 'nul_character'],
    ['half a surrogate pair', around('"\\ud83d"'), 'lone_surrogate'],
    ['the other half', around('"\\ude00x"'), 'lone_surrogate'],
    ['half a pair in a key', around('{"\\ud83d":1}'), 'lone_surrogate'],
    ['2^63', around('9223372036854775808'), 'number_out_of_range'],
    ['-2^53', around('-9007199254740992'), 'number_out_of_range'],
    ['a number that JavaScript reads as infinity', around('1e400'), 'number_out_of_range'],
    ['__proto__', around('{"__proto__":{"admin":true}}'), 'prototype_key'],
    ['__proto__ in escapes', around('{"\\u005f_proto__":1}'), 'prototype_key'],
    ['the same key twice', around('{"amount":1,"amount":2}'), 'duplicate_key'],
    ['the same key twice, once in escapes', around('{"amount":1,"\\u0061mount":2}'), 'duplicate_key'],
    ['no id', makeEvent({ id: undefined }), 'not_an_event'],
    ['an id that is no id', makeEvent({ id: "evt_1'; drop table event" }), 'not_an_event'],
    ['no type', makeEvent({ type: 17 }), 'not_an_event'],
    ['no mode', makeEvent({ livemode: 'false' }), 'not_an_event'],
    ['no data', makeEvent({ data: null }), 'not_an_event'],
    ['no time', makeEvent({ created: 'now' }), 'not_an_event'],
    ['an account that is none', makeEvent({ account: 'acct_../..' }), 'not_an_event'],
    ['another object', makeEvent({ object: 'charge' }), 'not_an_event'],
    ['an unknown type', makeEvent({ type: 'customer.abducted' }), 'unknown_type'],
    ['a version of the future', makeEvent({ api_version: '2031-01-01.zucchini' }), 'unknown_api_version'],
    ['a NUL in its version', makeEvent({ api_version: '2026\0' }), 'nul_character'],
  ])('with %s is put aside', (_, body, problem) => {
    expect(read(body).problem).toBe(problem);
  });

  it.each([
    ['64 levels, its own three among them', around(`${'['.repeat(61)}${']'.repeat(61)}`)],
    ['brackets in a string', around(`"${'['.repeat(1_000)}"`)],
    ['colons, quotes and backslashes in a string', around('"\\\\\\":{\\\\"')],
    ['the largest exact integer', around('-9007199254740991')],
    ['long digits in a string', around('"9223372036854775808"')],
    ['a fraction of 17 digits', around('0.30000000000000004')],
    ['a rate with a long fraction', around('[1.0823999999999998, 0.92345678901234567]')],
    ['a small number in exponents', around('1.5E-7')],
    ['emoji in escapes', around('"\\ud83d\\ude00 \\u0041"')],
    ['an escaped backslash before u0000', around('"\\\\u0000"')],
    ['a key named constructor', around('{"constructor":1,"hasOwnProperty":2}')],
    ['equal keys in different objects', around('[{"a":1},{"a":2}]')],
    ['spaces and line breaks', JSON.stringify(makeEvent(), null, '\r\n\t ')],
  ])('is worked on all the same with %s', (_, body) => {
    expect(read(body).problem).toBeNull();
  });

  it('is known by the hash of its bytes when it has no id, so that a repeat is the same event', () => {
    const [one, again, other] = ['{"odd":1}', '{"odd":1}', '{"odd":2}'].map((body) => read(body));
    expect(one?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(again?.id).toBe(one?.id);
    expect(other?.id).not.toBe(one?.id);
  });

  it(`of any kind is never a throw (seed ${SEED})`, () => {
    const random = new Seeded(SEED);
    const source = Buffer.from(around('{"text":"\\u0041\\ud83d\\ude00","list":[1,2.5,-3e4,null,true,{}]}'));
    const problems = new Set<string | null>();
    for (let number = 0; number < 30_000; number += 1) {
      const body = Buffer.from(source);
      for (let change = random.below(4); change > 0; change -= 1) {
        body[random.below(body.length)] = random.below(256);
      }
      const piece = random.chance(0.1) ? body.subarray(0, random.below(body.length)) : body;
      const envelope = read(piece);
      expect(envelope.body.equals(piece)).toBe(true);
      problems.add(envelope.problem);
    }
    // Control: the mutations were of many kinds, and some did no harm.
    expect(problems.size).toBeGreaterThan(5);
    expect(problems).toContain(null);
  });
});

describe('case 6: an event of the other mode', () => {
  it.each([
    [true, false, 'livemode_mismatch'],
    [false, true, 'livemode_mismatch'],
    [true, true, null],
    [false, false, null],
    [null, true, null],
  ])(
    'with a key whose livemode is %j, an event of livemode %j has the problem %j',
    (ours, theirs, problem) => {
      expect(read(makeEvent({ livemode: theirs }), { livemode: ours }).problem).toBe(problem);
    },
  );
});
