import type { Database } from '../db/database.ts';
import { CRASHES_MAX } from './retry.ts';

const BEAT_MS = 5_000;
// A process that has not said a word for four beats is dead, or as good as dead.
export const SILENT_SECONDS_MAX = 20;

export interface PresenceOptions {
  database: Database;
  process: string;
  role: string;
  /** Ids of graphile-worker's workers in this process: their jobs are released when it dies. */
  jobWorkers: () => readonly string[];
  /** Releases jobs that dead workers had locked. */
  releaseJobs: (jobWorkers: readonly string[]) => Promise<void>;
  onDeath: (death: { process: string; suspects: number; buried: number }) => void;
  onTrouble: (failure: unknown) => void;
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
    await this.#beat();
    if (replaces) await this.#bury([replaces]);
    this.#timer = setInterval(() => {
      this.#running = this.#beatAndBury().catch(this.#options.onTrouble);
    }, BEAT_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#options.database.sql`
      with gone as (delete from quittance.in_hand where process = ${this.#options.process})
      delete from quittance.process where id = ${this.#options.process}`;
  }

  async #beatAndBury(): Promise<void> {
    await this.#beat();
    const silent = await this.#options.database.sql<{ id: string }>`
      select id from quittance.process
      where beat_at < now() - ${SILENT_SECONDS_MAX} * interval '1 second'`;
    await this.#bury(silent.map((row) => row.id));
  }

  async #beat(): Promise<void> {
    const { database, process, role, jobWorkers } = this.#options;
    await database.sql`
      insert into quittance.process (id, role, job_workers) values (${process}, ${role}, ${[...jobWorkers()]})
      on conflict (id) do update set beat_at = now(), job_workers = excluded.job_workers`;
  }

  async #bury(processes: readonly string[]): Promise<void> {
    for (const process of processes) {
      const buried = await this.#options.database.transaction(async (sql) => {
        // Whoever deletes the row does the rest; the others find nothing.
        const [gone] = await sql<{ job_workers: string[] }>`
          delete from quittance.process where id = ${process} returning job_workers`;
        if (!gone) return null;
        const suspects = await sql<{ seq: number; attempts: number }>`
          with held as (delete from quittance.in_hand where process = ${process} returning seqs)
          update quittance.work set suspect = true, lane = 1, attempts = attempts + 1
          from held where work.seq = any (held.seqs)
          returning work.seq, work.attempts`;
        for (const { seq, attempts } of suspects) {
          await sql`insert into quittance.failure (seq, attempt, error)
                    values (${seq}, ${attempts}, ${'the process died while it had this event in hand'})`;
        }
        return { jobWorkers: gone.job_workers, suspects: suspects.length };
      });
      if (!buried) continue;
      await this.#options.releaseJobs(buried.jobWorkers);
      const lost = await this.#buryCrashers();
      this.#options.onDeath({ process, suspects: buried.suspects, buried: lost });
    }
  }

  // Suspects run alone, so one that was in hand at several deaths is what killed them.
  async #buryCrashers(): Promise<number> {
    const rows = await this.#options.database.sql`
      with crashers as (
        delete from quittance.work as w
        where w.suspect and (
          select count(*) from quittance.failure f
          where f.seq = w.seq and f.error like 'the process died%'
        ) >= ${CRASHES_MAX}
        returning w.seq
      )
      insert into quittance.outcome (seq, status, reason)
      select seq, 'dead', 'its handler ended the process ' || ${CRASHES_MAX}::text || ' times' from crashers
      on conflict (seq) do update set status = excluded.status, reason = excluded.reason, at = now()
      returning seq`;
    return rows.length;
  }
}
