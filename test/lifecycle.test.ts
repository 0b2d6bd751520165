import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createQuittance, type Quittance, type QuittanceOptions } from 'quittance';
import type { Database } from '../src/db/database.ts';
import { freshDatabase } from './support/database.ts';
import { recordedLog } from './support/log.ts';
import { SECRET, until } from './support/quittance.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

function mounted(options: Partial<QuittanceOptions> = {}): Quittance {
  const { logger } = recordedLog();
  const quittance = createQuittance({ databaseUrl: url, secret: SECRET, logger, ...options });
  onTestFinished(async () => quittance.stop());
  return quittance;
}

const coded = (code: string, words: string): unknown =>
  expect.objectContaining({ name: 'QuittanceError', code, message: expect.stringContaining(words) });

async function connections(): Promise<number> {
  const [row] = await database.sql<{ count: number }>`
    select count(*) from pg_stat_activity
    where datname = current_database() and application_name like 'quittance %'`;
  return (row as { count: number }).count;
}

describe('a Quittance that is mounted', () => {
  it('starts once: the second call is refused, and the first one still works and stops', async () => {
    const quittance = mounted();
    await quittance.start();
    await expect(quittance.start()).rejects.toEqual(coded('already_started', 'start()'));
    expect(await connections()).toBeGreaterThan(0);
    await quittance.stop();
    await until(async () => (await connections()) === 0, 'all connections to be closed');
  });

  it('refuses the second start while the first still connects', async () => {
    const quittance = mounted();
    const first = quittance.start();
    await expect(quittance.start()).rejects.toEqual(coded('already_started', 'start()'));
    await first;
  });

  it('stops once, however often it is told', async () => {
    const quittance = mounted();
    await quittance.start();
    const first = quittance.stop();
    expect(quittance.stop()).toBe(first);
    await first;
    await quittance.stop();
  });

  it('may be stopped before it was started, and is not started after that', async () => {
    // PostgreSQL lists a connection for a moment after its client has closed it.
    await until(async () => (await connections()) === 0, 'the connections of other tests to be gone');
    const quittance = mounted();
    await quittance.stop();
    await expect(quittance.start()).rejects.toEqual(coded('already_stopped', 'createQuittance'));
    expect(await connections()).toBe(0);
  });

  it('that is stopped while it starts leaves nothing behind', async () => {
    const quittance = mounted();
    const starting = quittance.start();
    await quittance.stop();
    await starting;
    await until(async () => (await connections()) === 0, 'all connections to be closed');
    expect(await database.sql`select from quittance.process`).toEqual([]);
  });

  it('takes no handler, job or timetable any more once it was started', async () => {
    const quittance = mounted();
    quittance.on('customer.updated', () => {}).job('before', () => {});
    quittance.cron('0 6 * * *', 'before');
    const starting = quittance.start();
    const late = [
      ['on', () => quittance.on('customer.created', () => {})],
      ['job', () => quittance.job('after', () => {})],
      ['cron', () => quittance.cron('0 7 * * *', 'before')],
    ] as const;
    for (const [call, declare] of late) expect(declare).toThrow(coded('already_started', call));
    await starting;
    for (const [call, declare] of late) expect(declare).toThrow(coded('already_started', call));
    await quittance.stop();
    for (const [call, declare] of late) expect(declare).toThrow(coded('already_stopped', call));
  });
});

describe('options of the wrong kind', () => {
  it.each([
    ['fulfil', { fulfil: 'x' }],
    ['handlers', { handlers: [] }],
    ['jobs', { jobs: 'x' }],
    ['cron', { cron: null }],
    ['random', { random: 4 }],
    ['logger', { logger: { info: () => {} } }],
    ['clock', { clock: {} }],
    ['drain', { drain: 4 }],
    ['drain.workers', { drain: { workers: 0 } }],
    ['drain.backoff', { drain: { backoff: 'x' } }],
  ])('%s is refused by its name', (name, wrong) => {
    const options = { databaseUrl: url, secret: SECRET, ...wrong } as unknown as QuittanceOptions;
    expect(() => createQuittance(options)).toThrow(coded('invalid_options', `${name} `));
  });

  it.each([undefined, null, 'postgres://here', []])(
    '%j instead of options: told what is missing',
    (given) => {
      const create = (): unknown => createQuittance(given as unknown as QuittanceOptions);
      expect(create).toThrow(coded('invalid_options', 'databaseUrl'));
    },
  );

  it('right ones are taken', async () => {
    const drain = { workers: 1, handlerSecondsMax: 0.5, backoff: () => 1 };
    const quittance = mounted({ fulfil: () => {}, clock: { now: () => 0 }, random: () => 0, drain });
    await quittance.stop();
  });
});
