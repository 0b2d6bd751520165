import { onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { until } from './quittance.ts';

/** Something held in the database until `release`, or the end of the test. */
export interface Hold {
  release: () => Promise<void>;
}

/** Holds `quittance.event`, so that every statement that stores has to wait. Reading goes on. */
export async function holdEventTable(database: Database): Promise<Hold> {
  return hold(database, 'lock table quittance.event in share row exclusive mode');
}

/**
 * Makes every commit that stored an event wait, at its very end, for as long as this is held: a deferred
 * trigger asks for an advisory lock that we have.
 */
export async function holdCommits(database: Database, key: number): Promise<Hold> {
  await database.pool.query(`
    create or replace function wait_${key}() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock_shared(${key}); return null; end';
    drop trigger if exists hold_${key} on quittance.event;
    create constraint trigger hold_${key} after insert or update on quittance.event
      deferrable initially deferred for each row execute function wait_${key}()`);
  const held = await hold(database, `select pg_advisory_xact_lock(${key})`);
  onTestFinished(async () => {
    await held.release();
    await database.pool.query(`drop trigger if exists hold_${key} on quittance.event`);
  });
  return held;
}

/** Resolves when that many of our storing connections wait for a lock. */
export async function untilStoringWaits(database: Database, count = 1): Promise<number[]> {
  return until(async () => {
    const waiting = await database.sql<{ pid: number }>`
      select pid from pg_stat_activity
      where datname = current_database() and application_name = 'quittance ingest'
        and wait_event_type = 'Lock'`;
    return waiting.length >= count && waiting.map(({ pid }) => pid);
  }, `${count} connections of the ingest to wait for a lock`);
}

async function hold(database: Database, statement: string): Promise<Hold> {
  const connection = await database.connect();
  await connection.query('begin');
  await connection.query(statement);
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    await connection.query('rollback');
    connection.release();
  };
  onTestFinished(release);
  return { release };
}
