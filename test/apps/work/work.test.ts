import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppWork } from '../../../src/apps/work/work.ts';
import type { AppJobContext } from '../../../src/apps/context.ts';
import type { Install } from '../../../src/apps/install.ts';
import { openDatabase, type Database } from '../../../src/db/database.ts';
import { Jobs } from '../../../src/jobs/jobs.ts';
import { atEnd } from '../../support/at-end.ts';
import { freshDatabase } from '../../support/database.ts';
import { recordedLog } from '../../support/log.ts';
import { until } from '../../support/quittance.ts';

const HOURLY = '0 * * * *';
const TICK = '2026-11-21T06:00:00.000Z';
const PAGE = 500;
const QUARTER_MS = 15 * 60_000;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await database.pool.query(`
    create table public.run (
      install text not null, note text, key text not null, attempt integer not null,
      began timestamptz not null default clock_timestamp(), ended timestamptz)`);
});

async function install(id: string, { livemode = false } = {}): Promise<Install> {
  await database.sql`
    insert into quittance.install (id, account, livemode, access)
    values (${id}, ${`acct_${id}`}, ${livemode}, 'platform')`;
  return (await findInstall(id)) as Install;
}

async function findInstall(id: string): Promise<Install | null> {
  const [found] = await database.sql<Install>`select * from quittance.install where id = ${id}`;
  return found ?? null;
}

async function uninstall(id: string): Promise<void> {
  await database.sql`
    update quittance.install set status = 'uninstalled', uninstalled_at = now(), remove_at = now()
    where id = ${id}`;
}

async function reinstall(id: string): Promise<void> {
  await database.sql`
    update quittance.install set status = 'installed', uninstalled_at = null, remove_at = null where id = ${id}`;
}

/** A process of the app: its jobs, and what runs them. */
async function runWork(
  declare: (work: AppWork) => void,
  { start = true }: { start?: boolean } = {},
): Promise<AppWork> {
  const own = openDatabase({ url, connectionsMax: 8, applicationName: 'test jobs' });
  const noStripe = (): never => {
    throw new Error('no Stripe here');
  };
  const jobs = new Jobs({ database: own, stripe: noStripe, logger: recordedLog().logger });
  const contextFor = (found: Install): never =>
    ({
      install: found,
      get stripe() {
        return noStripe();
      },
    }) as never;
  const work = new AppWork({ database: own, livemode: false, findInstall, contextFor });
  declare(work);
  work.addJobs({ job: (name, run) => jobs.job(name, run), cron: (spec, name) => jobs.cron(spec, name) });
  if (start) await jobs.start();
  atEnd(async () => {
    await jobs.stop();
    await own.close();
  });
  return work;
}

async function note(payload: unknown, { install: { id }, idempotencyKey, attempt }: AppJobContext) {
  await database.sql`
    insert into public.run (install, note, key, attempt)
    values (${id}, ${payload}, ${idempotencyKey}, ${attempt})`;
}

interface Run {
  install: string;
  note: string | null;
  key: string;
  attempt: number;
}

async function runsOf(ids: readonly string[]): Promise<Run[]> {
  return database.sql<Run>`
    select install, note, key, attempt from public.run where install = any (${[...ids]}::text[]) order by began`;
}

/** Makes what waits due, the graphile-worker's back-off and our spread included. */
async function hurry(): Promise<void> {
  await database.sql`update graphile_worker._private_jobs set run_at = now() where locked_by is null`;
  await database.sql`select pg_notify('jobs:insert', '{"r":"x","count":5}')`; // or it looks once a second
}

async function forget(line: string): Promise<void> {
  await database.sql`delete from graphile_worker._private_jobs where key like ${`${line}/%`}`;
}

async function queued(): Promise<{ task: string; key: string | null; run_at: Date }[]> {
  return database.sql`
    select task_identifier as task, key, run_at from graphile_worker.jobs
    where task_identifier like 'quittance.app_%' order by jobs.id`;
}

/** As graphile-worker queues it from the timetable, whose minute nobody here waits for. */
async function tick(line: string, at = TICK): Promise<void> {
  await database.sql`
    select graphile_worker.add_job(${line}, json_build_object('_cron', json_build_object('ts', ${at}::text)),
                                   job_key => ${line})`;
}

async function lineOf(name: string): Promise<string> {
  const found = await until(async () => {
    const rows = await database.sql<{ task: string }>`
      select identifier as task from graphile_worker._private_tasks
      where identifier like ${`quittance.app_cron.${name}.%`}`;
    return rows[0];
  }, `the line of ${name}`);
  return found.task;
}

async function untilQuiet(): Promise<void> {
  await until(async () => {
    await hurry();
    return (await queued()).length === 0;
  }, 'the queue to be empty');
}

describe('a job of the app', () => {
  it('runs for the install it was queued for, and not when the transaction that queued it is undone', async () => {
    const [a, b] = [await install('ins_one_a'), await install('ins_one_b')];
    const work = await runWork((app) => app.job('greet', note));
    await database.transaction(async (sql) => work.enqueueFor(a, sql)('greet', 'hello'));
    const undone = database.transaction(async (sql) => {
      await work.enqueueFor(b, sql)('greet', 'never');
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await untilQuiet();
    expect(await runsOf(['ins_one_a', 'ins_one_b'])).toMatchObject([{ install: 'ins_one_a', note: 'hello' }]);
  });

  it('is refused when it is queued under a name that nobody declared', async () => {
    const known = await install('ins_name');
    const work = await runWork((app) => app.job('greet', note), { start: false });
    const enqueue = work.enqueueFor(known, database.sql);
    await expect(enqueue('great')).rejects.toMatchObject({ code: 'unknown_app_job' });
    expect(() => work.job('greet', note)).toThrow(/needs a function and a new name/);
    expect(() => work.cron(HOURLY, 'great')).toThrow(/declare it in the option app.jobs/);
    expect(() => work.cron('hourly', 'greet')).toThrow(/is no crontab line/);
  });

  it('never runs twice at once for one account, over two processes, while different accounts run side by side', async () => {
    const ids = ['ins_turn_a', 'ins_turn_b', 'ins_turn_c'];
    const installs = await Promise.all(ids.map((id) => install(id)));
    const declare = (app: AppWork): void =>
      app.job('turn', async (n, { install: { id }, idempotencyKey, attempt, sql }) => {
        const began = new Date();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await sql`
          insert into public.run (install, note, key, attempt, began, ended)
          values (${id}, ${String(n)}, ${idempotencyKey}, ${attempt}, ${began}, ${new Date()})`;
      });
    const [work] = [await runWork(declare), await runWork(declare)];
    for (let n = 0; n < 12; n += 1) {
      for (const each of installs) await work.enqueueFor(each, database.sql)('turn', n);
    }
    await untilQuiet();
    expect(await runsOf(ids)).toHaveLength(36);
    const overlaps = async (same: boolean): Promise<number> => {
      const [found] = await database.sql<{ count: number }>`
        select count(*) from public.run a join public.run b on a.key < b.key and a.began < b.ended and b.began < a.ended
        where (a.install = b.install) = ${same} and a.install = any (${ids}::text[])
          and b.install = any (${ids}::text[])`;
      return found?.count ?? 0;
    };
    expect(await overlaps(true)).toBe(0);
    // The same question finds what does run side by side.
    expect(await overlaps(false)).toBeGreaterThan(0);
  });

  it('that fails is tried again with the same key, and holds up nobody but its account', async () => {
    const [bad, good] = [await install('ins_bad'), await install('ins_good')];
    const work = await runWork((app) =>
      app.job('fragile', async (payload, context) => {
        await note(payload, context);
        if (context.install.id === 'ins_bad' && context.attempt < 3) throw new Error('not yet');
      }),
    );
    await work.enqueueFor(bad, database.sql)('fragile', 'x');
    await until(async () => (await runsOf(['ins_bad'])).length > 0, 'the failure');
    await work.enqueueFor(good, database.sql)('fragile', 'y');
    await until(async () => (await runsOf(['ins_good'])).length > 0, 'the other account');
    await untilQuiet();
    const runs = await runsOf(['ins_bad']);
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(runs.map(({ key }) => key)).size).toBe(1);
  });

  it('is passed over once its account has uninstalled, though it was queued before, and runs after a re-install', async () => {
    const gone = await install('ins_gone');
    const here = await install('ins_here');
    const work = await runWork((app) => app.job('visit', note));
    const soon = { runAt: new Date(Date.now() + 3_600_000) };
    for (const each of [gone, here]) await work.enqueueFor(each, database.sql)('visit', 'before', soon);
    await uninstall('ins_gone');
    await untilQuiet();
    expect((await runsOf(['ins_gone', 'ins_here'])).map((run) => run.install)).toEqual(['ins_here']);
    await reinstall('ins_gone');
    await work.enqueueFor(gone, database.sql)('visit', 'after');
    await untilQuiet();
    expect(await runsOf(['ins_gone'])).toMatchObject([{ note: 'after' }]);
  });

  it('that waits under a key is replaced, for its own account only', async () => {
    const [a, b] = [await install('ins_key_a'), await install('ins_key_b')];
    const work = await runWork((app) => app.job('digest', note));
    const later = { key: 'daily', runAt: new Date(Date.now() + 3_600_000) };
    for (const n of ['1', '2']) {
      for (const each of [a, b]) await work.enqueueFor(each, database.sql)('digest', n, later);
    }
    await untilQuiet();
    expect((await runsOf(['ins_key_a', 'ins_key_b'])).map((run) => run.note)).toEqual(['2', '2']);
  });
});

describe('the timetable of the app', () => {
  beforeEach(async () => {
    await database.sql`delete from quittance.install`;
  });

  it('runs once for each account that has the app and for no other', async () => {
    const ids = ['ins_cron_a', 'ins_cron_b', 'ins_cron_live', 'ins_cron_left'];
    for (const id of ids) await install(id, { livemode: id.endsWith('live') });
    await uninstall('ins_cron_left');
    await runWork((app) => {
      app.job('nightly', note);
      app.cron(HOURLY, 'nightly');
    });
    const line = await lineOf('nightly');
    await tick(line);
    await untilQuiet();
    // A tick that comes again, after a crash for example, has been seen to.
    await tick(line);
    await untilQuiet();
    const runs = await runsOf(ids);
    expect(runs.map((run) => run.install).toSorted()).toEqual(['ins_cron_a', 'ins_cron_b']);
    expect(runs[0]).toMatchObject({ note: null, attempt: 1 });
    await tick(line, '2026-11-21T07:00:00.000Z');
    await untilQuiet();
    expect(await runsOf(ids)).toHaveLength(4);
    const keys = new Set((await runsOf(ids)).map(({ key }) => key));
    expect(keys.size).toBe(4);
  });

  it('spreads the runs over a quarter of an hour, gives an account the same place each time, and piles nothing up', async () => {
    for (let n = 0; n < 40; n += 1) await install(`ins_wide_${n}`);
    await runWork((app) => {
      app.job('wide', note);
      app.cron(HOURLY, 'wide');
    });
    const line = await lineOf('wide');
    const due = async (at: string): Promise<Map<string | null, number>> => {
      await tick(line, at);
      await until(
        async () => (await queued()).every(({ task }) => task !== line),
        'the accounts to be queued',
      );
      const waiting = (await queued()).filter(({ key }) => key?.includes('ins_wide_'));
      return new Map(waiting.map(({ key, run_at }) => [key, run_at.getTime() - Date.parse(at)]));
    };
    // Of a year when nothing is due while this test runs.
    const first = await due('2036-11-21T06:00:00.000Z');
    const second = await due('2036-11-21T07:00:00.000Z');
    expect(first.size).toBe(40);
    expect(second).toEqual(first);
    const places = [...first.values()];
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...places)).toBeLessThan(QUARTER_MS);
    expect(new Set(places.map((ms) => Math.floor((ms * 4) / QUARTER_MS))).size).toBe(4);
    await forget(line);
  });

  it('goes on behind the accounts it has seen to, when it was cut off in the middle', async () => {
    await database.sql`
      insert into quittance.install (id, account, livemode, access)
      select 'ins_z' || to_char(n, 'FM00000'), 'acct_z' || n, false, 'platform'
      from generate_series(1, ${PAGE + 1}) as n`;
    await database.pool.query(`
      create function public.cut() returns trigger language plpgsql as $$ begin
        if new.cursor is null then raise exception 'cut off'; end if;
        return new;
      end $$;
      create trigger cut before update on quittance.app_cron for each row execute function public.cut()`);
    await runWork((app) => {
      app.job('long', note);
      app.cron('30 5 * * *', 'long');
    });
    const line = await lineOf('long');
    await tick(line, '2036-11-21T05:30:00.000Z');
    const cursor = async (): Promise<string | null | undefined> => {
      const rows = await database.sql<{ cursor: string | null }>`
        select cursor from quittance.app_cron where line = ${line}`;
      return rows[0]?.cursor;
    };
    await until(async () => {
      const [job] = await database.sql<{ attempts: number; locked_by: string | null }>`
        select attempts, locked_by from graphile_worker.jobs where key = ${line}`;
      return job?.attempts === 1 && job.locked_by === null;
    }, 'the first page');
    const reached = await cursor();
    expect(reached).toMatch(/^ins_/);
    const mine = async (): Promise<number> =>
      (await queued()).filter(({ key }) => key?.startsWith(`${line}/`)).length;
    expect(await mine()).toBe(PAGE);
    await forget(line); // as if they had run
    await database.pool.query('drop trigger cut on quittance.app_cron');
    await database.sql`update graphile_worker._private_jobs set run_at = now() where key = ${line}`;
    await until(async () => (await cursor()) === null, 'the last page');
    const [left] = await database.sql<{ count: number }>`
      select count(*) from quittance.install
      where status = 'installed' and not livemode and id > ${reached}`;
    expect(await mine()).toBe(left?.count);
    expect(left?.count).toBeGreaterThan(0);
    await forget(line);
  });
});
