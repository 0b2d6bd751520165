import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppWork } from '../../../src/apps/work/work.ts';
import type { Database } from '../../../src/db/database.ts';
import { freshDatabase } from '../../support/database.ts';
import { until } from '../../support/quittance.ts';
import { runTable, workOn } from './support.ts';

const HOURLY = '0 * * * *';
const PAGE = 500;
const QUARTER_MS = 15 * 60_000;

let database: Database;
let bench: ReturnType<typeof workOn>;

beforeAll(async () => {
  const fresh = await freshDatabase();
  ({ database } = fresh);
  await runTable(database);
  bench = workOn(fresh.url, database);
});

describe('a job of the app', () => {
  it('runs for the install it was queued for, and not when the transaction is undone', async () => {
    const [a, b] = [await bench.install('ins_one_a'), await bench.install('ins_one_b')];
    const work = await bench.runWork((app) => app.job('greet', bench.note));
    await database.transaction(async (sql) => work.enqueueFor(a, sql)('greet', 'hello'));
    const undone = database.transaction(async (sql) => {
      await work.enqueueFor(b, sql)('greet', 'never');
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await bench.untilQuiet();
    expect(await bench.runsOf(['ins_one_a', 'ins_one_b'])).toMatchObject([
      { install: 'ins_one_a', note: 'hello' },
    ]);
  });

  it('is refused under a name that nobody declared, and once the queue knows them all', async () => {
    const known = await bench.install('ins_name');
    const declare = (app: AppWork): void => {
      app.job('greet', bench.note);
      expect(() => app.job('greet', bench.note)).toThrow(/needs a function and a new name/);
      expect(() => app.cron(HOURLY, 'great')).toThrow(/declare it in the option app.jobs/);
      expect(() => app.cron('hourly', 'greet')).toThrow(/is no crontab line/);
    };
    const work = await bench.runWork(declare, { start: false });
    const enqueue = work.enqueueFor(known, database.sql);
    await expect(enqueue('great')).rejects.toMatchObject({ code: 'unknown_app_job' });
    for (const late of [() => work.job('late', bench.note), () => work.cron(HOURLY, 'greet')]) {
      expect(late).toThrow(/comes too late/);
    }
  });

  it('never runs twice at once for one account, over two processes; accounts run side by side', async () => {
    const ids = ['ins_turn_a', 'ins_turn_b', 'ins_turn_c'];
    const installs = await Promise.all(ids.map((id) => bench.install(id)));
    const declare = (app: AppWork): void =>
      app.job('turn', async (n, { install: { id }, idempotencyKey, attempt, sql }) => {
        const began = new Date();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await sql`
          insert into public.run (install, note, key, attempt, began, ended)
          values (${id}, ${String(n)}, ${idempotencyKey}, ${attempt}, ${began}, ${new Date()})`;
      });
    const [work] = [await bench.runWork(declare), await bench.runWork(declare)];
    for (let n = 0; n < 12; n += 1) {
      for (const each of installs) await work.enqueueFor(each, database.sql)('turn', n);
    }
    await bench.untilQuiet();
    expect(await bench.runsOf(ids)).toHaveLength(36);
    const overlaps = async (same: boolean): Promise<number> => {
      const [found] = await database.sql<{ count: number }>`
        select count(*) from public.run a
        join public.run b on a.key < b.key and a.began < b.ended and b.began < a.ended
        where (a.install = b.install) = ${same} and a.install = any (${ids}::text[])
          and b.install = any (${ids}::text[])`;
      return found?.count ?? 0;
    };
    expect(await overlaps(true)).toBe(0);
    // The same question finds what does run side by side.
    expect(await overlaps(false)).toBeGreaterThan(0);
  });

  it('that fails is tried again with the same key, and holds up nobody but its account', async () => {
    const [bad, good] = [await bench.install('ins_bad'), await bench.install('ins_good')];
    const work = await bench.runWork((app) =>
      app.job('fragile', async (payload, context) => {
        await bench.note(payload, context);
        if (context.install.id === 'ins_bad' && context.attempt < 3) throw new Error('not yet');
      }),
    );
    await work.enqueueFor(bad, database.sql)('fragile', 'x');
    await until(async () => (await bench.runsOf(['ins_bad'])).length > 0, 'the failure');
    await work.enqueueFor(good, database.sql)('fragile', 'y');
    await until(async () => (await bench.runsOf(['ins_good'])).length > 0, 'the other account');
    await bench.untilQuiet();
    const runs = await bench.runsOf(['ins_bad']);
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(runs.map(({ key }) => key)).size).toBe(1);
  });

  it('is passed over once its account has uninstalled, and runs after a re-install', async () => {
    const gone = await bench.install('ins_gone');
    const here = await bench.install('ins_here');
    const work = await bench.runWork((app) => app.job('visit', bench.note));
    const soon = { runAt: new Date(Date.now() + 3_600_000) };
    for (const each of [gone, here]) await work.enqueueFor(each, database.sql)('visit', 'before', soon);
    await bench.uninstall('ins_gone');
    await bench.untilQuiet();
    expect((await bench.runsOf(['ins_gone', 'ins_here'])).map((run) => run.install)).toEqual(['ins_here']);
    await bench.reinstall('ins_gone');
    await work.enqueueFor(gone, database.sql)('visit', 'after');
    await bench.untilQuiet();
    expect(await bench.runsOf(['ins_gone'])).toMatchObject([{ note: 'after' }]);
  });

  it('that waits under a key is replaced, for its own account only', async () => {
    const [a, b] = [await bench.install('ins_key_a'), await bench.install('ins_key_b')];
    const work = await bench.runWork((app) => app.job('digest', bench.note));
    const later = { key: 'daily', runAt: new Date(Date.now() + 3_600_000) };
    for (const n of ['1', '2']) {
      for (const each of [a, b]) await work.enqueueFor(each, database.sql)('digest', n, later);
    }
    // Behind whatever else is due: others have 0.
    expect((await bench.queued()).map(({ priority }) => priority)).toEqual([10, 10]);
    await bench.untilQuiet();
    expect((await bench.runsOf(['ins_key_a', 'ins_key_b'])).map((run) => run.note)).toEqual(['2', '2']);
  });
});

describe('the timetable of the app', () => {
  beforeEach(async () => {
    await database.sql`delete from quittance.install`;
  });

  it('runs once for each account that has the app and for no other', async () => {
    const ids = ['ins_cron_a', 'ins_cron_b', 'ins_cron_live', 'ins_cron_left'];
    for (const id of ids) await bench.install(id, { livemode: id.endsWith('live') });
    await bench.uninstall('ins_cron_left');
    await bench.runWork((app) => {
      app.job('nightly', bench.note);
      app.cron(HOURLY, 'nightly');
    });
    const line = await bench.lineOf('nightly');
    await bench.tick(line);
    await bench.untilQuiet();
    // A tick that comes again, after a crash for example, has been seen to.
    await bench.tick(line);
    await bench.untilQuiet();
    const runs = await bench.runsOf(ids);
    expect(runs.map((run) => run.install).toSorted()).toEqual(['ins_cron_a', 'ins_cron_b']);
    expect(runs[0]).toMatchObject({ note: null, attempt: 1 });
    await bench.tick(line, '2026-11-21T07:00:00.000Z');
    await bench.untilQuiet();
    expect(await bench.runsOf(ids)).toHaveLength(4);
    const keys = new Set((await bench.runsOf(ids)).map(({ key }) => key));
    expect(keys.size).toBe(4);
  });

  it('spreads the runs, the same for an account each time, and piles nothing up', async () => {
    for (let n = 0; n < 40; n += 1) await bench.install(`ins_wide_${n}`);
    await bench.runWork((app) => {
      app.job('wide', bench.note);
      app.cron(HOURLY, 'wide');
    });
    const line = await bench.lineOf('wide');
    const due = async (at: string): Promise<Map<string | null, number>> => {
      await bench.tick(line, at);
      await until(
        async () => (await bench.queued()).every(({ task }) => task !== line),
        'the accounts to be queued',
      );
      const waiting = (await bench.queued()).filter(({ key }) => key?.includes('ins_wide_'));
      expect(waiting.every(({ priority }) => priority === 10)).toBe(true);
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
    await bench.forget(line);
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
    await bench.runWork((app) => {
      app.job('long', bench.note);
      app.cron('30 5 * * *', 'long');
    });
    const line = await bench.lineOf('long');
    await bench.tick(line, '2036-11-21T05:30:00.000Z');
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
      (await bench.queued()).filter(({ key }) => key?.startsWith(`${line}/`)).length;
    expect(await mine()).toBe(PAGE);
    await bench.forget(line); // as if they had run
    await database.pool.query('drop trigger cut on quittance.app_cron');
    await database.sql`update graphile_worker._private_jobs set run_at = now() where key = ${line}`;
    await until(async () => (await cursor()) === null, 'the last page');
    const [left] = await database.sql<{ count: number }>`
      select count(*) from quittance.install
      where status = 'installed' and not livemode and id > ${reached}`;
    expect(await mine()).toBe(left?.count);
    expect(left?.count).toBeGreaterThan(0);
    await bench.forget(line);
  });
});
