import type { Sql } from '../../db/sql.ts';
import { csvResponse, type Column } from '../../http/csv.ts';
import { pagesOf, type Place } from '../../http/pages.ts';
import type { Install } from '../install.ts';
import { listInstalls, type InstallFilter } from './rows.ts';

const COLUMNS: readonly Column<Install>[] = [
  { name: 'id', cell: ({ id }) => id },
  { name: 'account', cell: ({ account }) => account },
  { name: 'livemode', cell: ({ livemode }) => livemode },
  { name: 'status', cell: ({ status }) => status },
  { name: 'access', cell: ({ access }) => access },
  { name: 'stripe_install', cell: ({ stripe_install: install }) => install },
  { name: 'permissions_granted', cell: ({ permissions_granted: granted }) => granted.join(' ') },
  { name: 'permissions_pending', cell: ({ permissions_pending: pending }) => pending.join(' ') },
  { name: 'reason', cell: ({ reason }) => reason },
  { name: 'installed_at', cell: ({ installed_at: at }) => at },
  { name: 'uninstalled_at', cell: ({ uninstalled_at: at }) => at },
  { name: 'remove_at', cell: ({ remove_at: at }) => at },
  { name: 'removed_at', cell: ({ removed_at: at }) => at },
];

/** Installs as CSV, in the order of their ids. */
export function exportInstalls(sql: Sql, filter: Omit<InstallFilter, 'after' | 'limit'>): Response {
  return csvResponse(
    'installs',
    COLUMNS,
    pagesOf(
      (page: Place<string>) => listInstalls(sql, { ...filter, ...page }),
      ({ id }) => id,
    ),
  );
}
