import { useOperation, type RowOf } from '../api/hooks.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import { Page } from '../parts/page.tsx';
import type { Column } from '../parts/rows.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';
import { InstallStatus, STATUS_CHOICES } from './install-status.tsx';

type Row = RowOf<'listInstalls'>;

const FILTERS: readonly Filter[] = [
  { kind: 'choice', name: 'status', label: 'State', choices: STATUS_CHOICES },
];

const COLUMNS: readonly Column<Row>[] = [
  { label: 'Account', cell: ({ account }) => account },
  { label: 'State', cell: ({ status }) => <InstallStatus status={status} /> },
  {
    label: 'Permissions',
    cell: ({ permissions_granted: granted, permissions_pending: pending }) =>
      pending.length === 0 ? (
        `${granted.length} granted`
      ) : (
        <StatusBadge tone="wait">{`${pending.length} to be granted`}</StatusBadge>
      ),
  },
  { label: 'Installed', cell: ({ installed_at: at }) => <Time at={at} /> },
  {
    label: 'Data go',
    cell: ({ status, remove_at: at }) =>
      status === 'uninstalled' ? <Time at={at} /> : <span className="soft">–</span>,
    wideOnly: true,
  },
];

/** Accounts that have our Stripe App. */
export default function InstallsPage() {
  const { error } = useOperation('listInstalls', { query: { limit: 1 } });
  if (error?.code === 'not_found')
    return (
      <Page title="Installs">
        <div className="card">
          <Empty title="This server is no backend of a Stripe App.">
            It becomes one with the option app of quittance.config.ts, for example app: {'{}'}.
          </Empty>
        </div>
      </Page>
    );
  return (
    <ListPage
      title="Installs"
      list="listInstalls"
      exports="exportInstalls"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => `/installs/${id}`}
      empty={{
        title: 'Nobody has installed the app yet.',
        text: 'An account stands here as soon as Stripe tells of its install.',
      }}
    />
  );
}
