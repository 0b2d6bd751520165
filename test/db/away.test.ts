import { describe, expect, it } from 'vitest';
import { isAway } from '../../src/db/away.ts';
import { describeError } from '../../src/errors.ts';

const coded = (code: string): Error => Object.assign(new Error('some text'), { code });

describe('an error of the database', () => {
  it.each([
    '08006',
    '53300',
    '53100',
    '57P01',
    '57P03',
    '25006',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ENOTFOUND',
  ])('%s passes by itself', (code) => {
    expect(isAway(coded(code))).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
  ])('without a code passes by itself: %s', (message) => {
    expect(isAway(new Error(message))).toBe(true);
  });

  it.each([
    coded('23505'),
    coded('22021'),
    coded('42P01'),
    coded('invalid_options'),
    new Error('a bug'),
    null,
    'x',
  ])('%j stays', (error) => {
    expect(isAway(error)).toBe(false);
  });
});

describe('what was thrown, in one line', () => {
  it('names what is inside an error that has no words of its own, as one for two addresses has', () => {
    const both = new AggregateError([coded('ECONNREFUSED'), new Error('connect ECONNREFUSED ::1:5432')]);
    expect(describeError(both)).toBe('Error: some text; Error: connect ECONNREFUSED ::1:5432');
    expect(describeError(new AggregateError([], 'words'))).toBe('AggregateError: words');
  });
});
