import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import { csvResponse, type Column } from '../http/csv.ts';
import { pageOf } from '../http/operation.ts';
import { pagesOf, type Place } from '../http/pages.ts';
import { auditPage, type AuditLine } from './list-rows.ts';
import { EXPORT_AUDIT, LIST_AUDIT, VERIFY_AUDIT } from './operations.ts';
import { verifyChain } from './verify.ts';

/** The reading side of the audit log. There is no writing side: lines are added by what is done. */
export function auditRoutes(api: Api, { pool, sql }: Database): void {
  api.on(LIST_AUDIT, async ({ query: { after, limit, ...filter } }) => {
    const found = await auditPage(pool, filter, { after, limit: limit + 1 });
    return { value: pageOf(found, limit, ({ seq }) => seq) };
  });

  api.on(VERIFY_AUDIT, async () => ({ value: await verifyChain(sql) }));

  api.on(EXPORT_AUDIT, async ({ query }) =>
    csvResponse(
      'audit',
      COLUMNS,
      pagesOf(
        (page: Place<number>) => auditPage(pool, query, page),
        ({ seq }) => seq,
      ),
    ),
  );
}

const COLUMNS: readonly Column<AuditLine>[] = [
  { name: 'seq', cell: ({ seq }) => seq },
  { name: 'at', cell: ({ at }) => at },
  { name: 'actor_kind', cell: ({ actor_kind }) => actor_kind },
  { name: 'actor', cell: ({ actor }) => actor },
  { name: 'actor_name', cell: ({ actor_name }) => actor_name },
  { name: 'role', cell: ({ role }) => role },
  { name: 'address', cell: ({ address }) => address },
  { name: 'action', cell: ({ action }) => action },
  { name: 'target', cell: ({ target }) => target },
  { name: 'outcome', cell: ({ outcome }) => outcome },
  { name: 'ended_at', cell: ({ ended_at }) => ended_at },
  { name: 'request', cell: ({ request }) => request },
  { name: 'detail', cell: ({ detail }) => JSON.stringify(detail) },
];
