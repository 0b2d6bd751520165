import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import { ALONE } from './claim.ts';
import { CRASHES_MAX } from './retry.ts';

const BEAT_MS = 5_000;
// A process that has not said a word for four beats is dead, or as good as dead.
const SILENT_SECONDS_MAX = 20;
// The first time nothing is known against an event that was in hand; after that it may be the cause, and
// waits twice as long each time before it may do it again.
const SECOND_CRASH_WAIT_SECONDS = 5;

export interface PresenceOptions {
  database: Database;
  process: string;
  role: string;
  /** Under which ids graphile-worker locks jobs in this process. */
  jobWorkers: () => readonly string[];
  /** Releases the jobs that dead workers had locked, in the transaction of `sql`. */
  releaseJobs: (sql: Sql, jobWorkers: readonly string[]) => Promise<void>;
  onDeath: (death: Death) => void;
  onTrouble: (failure: unknown) => void;
}

/** What a dead process left behind. */
interface Death {
  process: string;
  /** Events it had in hand: they are run again, one at a time. */
  suspects: number;
  /** Those that were in hand at too many deaths: dead letters now. */
  buried: { id: string; type: string; reason: string }[];
}

/** The heartbeat of this process, and the burial of those that stopped theirs. */
export class Presence {
  readonly #options: PresenceOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** `replaces` is the id of a process known to be dead: its work is released without waiting. */
  async start(replaces?: string): Promise<void> {
    await this.beat();
    if (replaces) await this.#bury([replaces]);
    this.#timer = setInterval(() => {
      this.#running = this.#beatAndBury().catch(this.#options.onTrouble);
    }, BEAT_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    const { database, process, jobWorkers, releaseJobs } = this.#options;
    await database.transaction(async (sql) => {
      await releaseJobs(sql, jobWorkers());
      await sql`
        with gone as (delete from quittance.in_hand where process = ${process})
        delete from quittance.process where id = ${process}`;
    });
  }

  async #beatAndBury(): Promise<void> {
    await this.beat();
    const silent = await this.#options.database.sql<{ id: string }>`
      select id from quittance.process
      where beat_at < now() - ${SILENT_SECONDS_MAX} * interval '1 second'`;
    await this.#bury(silent.map((row) => row.id));
  }

  /** Says that this process lives, and what its parts are called. */
  async beat(): Promise<void> {
    const { database, process, role, jobWorkers } = this.#options;
    await database.sql`
      insert into quittance.process (id, role, job_workers) values (${process}, ${role}, ${[...jobWorkers()]})
      on conflict (id) do update set beat_at = now(), job_workers = excluded.job_workers`;
  }

  async #bury(processes: readonly string[]): Promise<void> {
    const { database, releaseJobs, onDeath } = this.#options;
    for (const process of processes) {
      const death = await database.transaction(async (sql): Promise<Death | null> => {
        // Whoever deletes the row does the rest; the others find nothing.
        const [gone] = await sql<{ job_workers: string[] }>`
          delete from quittance.process where id = ${process} returning job_workers`;
        if (!gone) return null;
        const suspects = await suspect(sql, process);
        await releaseJobs(sql, gone.job_workers);
        return { process, suspects, buried: suspects > 0 ? await buryKillers(sql) : [] };
      });
      if (death) onDeath(death);
    }
  }
}

/** Hands what a dead process had in hand to the lane where events run alone. Returns how many. */
async function suspect(sql: Sql, process: string): Promise<number> {
  const rows = await sql`
    with held as (
      delete from quittance.in_hand where process = ${process} returning keys, seqs
    ), marked as (
      update quittance.work as w
      set crashes = crashes + 1, attempts = attempts + 1, lane = ${ALONE},
          run_at = greatest(run_at, clock_timestamp() + interval '1 second' * case
            when crashes = 0 then 0 else ${SECOND_CRASH_WAIT_SECONDS} * 2 ^ (crashes - 1) end)
      from held, unnest(held.keys, held.seqs) as place (key, seq)
      where w.key = place.key and w.seq = place.seq
      returning w.seq, w.attempts
    )
    insert into quittance.failure (seq, attempt, error)
    select seq, attempts, 'the process died while it had this event in hand' from marked
    returning seq`;
  return rows.length;
}

// Suspects run one at a time, so one that was in hand at several deaths is what killed them.
async function buryKillers(sql: Sql): Promise<Death['buried']> {
  return sql<Death['buried'][number]>`
    with killers as (
      delete from quittance.work where lane = ${ALONE} and crashes >= ${CRASHES_MAX} returning seq
    ), ended as (
      insert into quittance.outcome (seq, status, reason)
      select seq, 'dead', 'its handler ended the process ' || ${CRASHES_MAX}::text || ' times' from killers
      on conflict (seq) do update set status = excluded.status, reason = excluded.reason, at = now()
      returning seq, reason
    )
    select e.id, e.type, ended.reason from ended join quittance.event e on e.seq = ended.seq`;
}
