import { sqlPlannedEachTime, type Sql } from '../db/sql.ts';

/** What was asked for and what came of it, in one. Times are ISO 8601. */
export interface AuditLine {
  seq: number;
  at: string;
  request: string;
  actor_kind: 'api_key' | 'operator' | 'link' | 'cli' | 'nobody';
  actor: string;
  actor_name: string;
  role: string | null;
  address: string | null;
  action: string;
  target: string;
  detail: Record<string, unknown>;
  outcome: string | null;
  ended_at: string | null;
}

export interface AuditFilter {
  actor: string | null;
  action: string | null;
  target: string | null;
  /** `open`: it has not ended. */
  outcome: string | null;
  from: string | null;
  to: string | null;
}

type Raw = Omit<AuditLine, 'at' | 'ended_at'> & { at: Date; ended_at: Date | null };

/** A page, newest first, of what stands before `after`. */
export async function auditPage(
  pool: Parameters<typeof sqlPlannedEachTime>[0],
  { actor, action, target, outcome, from, to }: AuditFilter,
  { after, limit }: { after: number | null; limit: number },
): Promise<AuditLine[]> {
  // A line that came of another is told with it: only the first of each request is a line of the page.
  const rows = await sqlPlannedEachTime(pool)<Raw>`
    select a.seq, a.at, a.request, a.actor_kind, a.actor, a.actor_name, a.role, a.address, a.action, a.target,
      a.detail, coalesce(a.outcome, e.outcome) as outcome,
      case when a.outcome is null then e.at else a.at end as ended_at
    from quittance.audit a left join lateral (
      select b.outcome, b.at from quittance.audit b
      where a.outcome is null and b.request = a.request and b.seq > a.seq order by b.seq limit 1) e on true
    where (a.outcome is null
        or not exists (select from quittance.audit f where f.request = a.request and f.seq < a.seq))
      and (${after}::bigint is null or a.seq < ${after})
      and (${actor}::text is null or a.actor = ${actor})
      and (${action}::text is null or a.action = ${action})
      and (${target}::text is null or a.target = ${target})
      and (${outcome}::text is null or coalesce(a.outcome, e.outcome, 'open') = ${outcome})
      and (${from}::timestamptz is null or a.at >= ${from}::timestamptz)
      and (${to}::timestamptz is null or a.at < ${to}::timestamptz)
    order by a.seq desc limit ${limit}`;
  return rows.map((row) => ({
    ...row,
    at: row.at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  }));
}

/** One step along the chain: the lines behind `after`, whose last had the hash `before`. */
export interface ChainStep {
  lines: number;
  /** The first line that does not follow; null when all do. */
  broken_at: number | null;
  last_seq: number | null;
  last_hash: Buffer | null;
}

export async function walkChain(
  sql: Sql,
  { after, before, limit }: { after: number; before: Buffer; limit: number },
): Promise<ChainStep> {
  const [step] = await sql<ChainStep>`
    with page as (
      select a as line, a.seq, a.hash from quittance.audit a where seq > ${after} order by seq limit ${limit}
    ), checked as (
      select seq, hash, hash = quittance.audit_hash(line,
        coalesce(lag(hash) over (order by seq), ${before}::bytea)) as fits
      from page
    ), broken as (select min(seq) as seq from checked where not fits)
    select count(*) as lines, (select seq from broken) as broken_at,
      max(checked.seq) as last_seq, (array_agg(checked.hash order by checked.seq desc))[1] as last_hash
    from checked where (select seq from broken) is null or checked.seq < (select seq from broken)`;
  return step ?? { lines: 0, broken_at: null, last_seq: null, last_hash: null };
}
