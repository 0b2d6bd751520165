import type { Sql } from '../db/sql.ts';
import type { AuditEntry } from '../http/api.ts';

/** Adds a line. */
export async function addAudit(sql: Sql, entry: AuditEntry): Promise<void> {
  const { request, caller, action, target, detail, outcome } = entry;
  await sql`
    insert into quittance.audit
      (request, actor_kind, actor, actor_name, role, address, action, target, detail, outcome)
    values (${request}, ${caller.kind}, ${caller.id}, ${caller.name}, ${caller.role}, ${caller.address},
      ${action}, ${target}, ${JSON.stringify(detail)}::jsonb, ${outcome})`;
}
