import type { AppJobContext } from '../../../src/apps/context.ts';
import type { Install } from '../../../src/apps/install.ts';
import { AppWork } from '../../../src/apps/work/work.ts';
import { openDatabase, type Database } from '../../../src/db/database.ts';
import { Jobs } from '../../../src/jobs/jobs.ts';
import { atEnd } from '../../support/at-end.ts';
import { recordedLog } from '../../support/log.ts';
import { until } from '../../support/quittance.ts';

const TICK = '2026-11-21T06:00:00.000Z';

/** A table in which jobs leave that they ran. */
export async function runTable({ pool }: Database): Promise<void> {
  await pool.query(`
    create table public.run (
      install text not null, note text, key text not null, attempt integer not null,
      began timestamptz not null default clock_timestamp(), ended timestamptz)`);
}

interface Run {
  install: string;
  note: string | null;
  key: string;
  attempt: number;
}

/** Installs, processes and the queue of one database. */
export function workOn(url: string, database: Database) {
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
    update quittance.install set status = 'installed', uninstalled_at = null, remove_at = null
      where id = ${id}`;
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

  async function runsOf(ids: readonly string[]): Promise<Run[]> {
    return database.sql<Run>`
    select install, note, key, attempt from public.run
    where install = any (${[...ids]}::text[]) order by began`;
  }

  /** Makes what waits due, the graphile-worker's back-off and our spread included. */
  async function hurry(): Promise<void> {
    await database.sql`update graphile_worker._private_jobs set run_at = now() where locked_by is null`;
    await database.sql`select pg_notify('jobs:insert', '{"r":"x","count":5}')`; // or it looks once a second
  }

  async function forget(line: string): Promise<void> {
    await database.sql`delete from graphile_worker._private_jobs where key like ${`${line}/%`}`;
  }

  async function queued(): Promise<{ task: string; key: string | null; run_at: Date; priority: number }[]> {
    return database.sql`
    select task_identifier as task, key, run_at, priority from graphile_worker.jobs
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

  return {
    install,
    findInstall,
    uninstall,
    reinstall,
    runWork,
    note,
    runsOf,
    hurry,
    forget,
    queued,
    tick,
    lineOf,
    untilQuiet,
  };
}
