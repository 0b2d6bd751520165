import type { Answer } from '../api/client.ts';
import { Rows, type Column } from '../parts/rows.tsx';
import { Section } from '../parts/section.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';

type Install = Answer<'getInstall'>;

const CONNECTIONS: readonly Column<Install['connections'][number]>[] = [
  { label: 'Service', cell: ({ name }) => name },
  {
    label: 'State',
    cell: ({ tokens_since: since }) =>
      since === null ? (
        <StatusBadge tone="neutral">not connected</StatusBadge>
      ) : (
        <StatusBadge tone="good">connected</StatusBadge>
      ),
  },
  {
    label: 'Since',
    cell: ({ tokens_since: since }) =>
      since === null ? <span className="soft">–</span> : <Time at={since} />,
  },
];

/** Other services that the account has connected. */
export function Connections({ connections }: Pick<Install, 'connections'>) {
  if (connections.length === 0) return null;
  return (
    <Section title="Connections">
      <Rows label="Services" rows={connections} columns={CONNECTIONS} keyOf={({ name }) => name} />
    </Section>
  );
}

const KINDS = {
  stripe_token: 'Token of Stripe',
  restricted_key: 'Restricted key',
  secret: 'Secret',
} as const;

const SECRETS: readonly Column<Install['secrets'][number]>[] = [
  { label: 'Name', cell: ({ name, kind }) => name || KINDS[kind] },
  { label: 'Kind', cell: ({ kind }) => KINDS[kind] },
  { label: 'Last changed', cell: ({ updated_at: at }) => <Time at={at} /> },
  {
    label: 'Ends',
    cell: ({ expires_at: at }) => (at === null ? <span className="soft">never</span> : <Time at={at} />),
  },
];

/** What is kept sealed for it. Nobody sees the values. */
export function Secrets({ secrets, store }: { secrets: Install['secrets']; store: Install['secret_store'] }) {
  return (
    <Section title="Kept sealed">
      {secrets.length === 0 ? (
        <div className="soft">Nothing is kept here.</div>
      ) : (
        <Rows
          label="Names of what is kept"
          rows={secrets}
          columns={SECRETS}
          keyOf={({ kind, name }) => `${kind}/${name}`}
        />
      )}
      {store === 'stripe' && (
        <div className="soft">Secrets of the app are in Stripe’s Secret Store and are not listed here.</div>
      )}
    </Section>
  );
}

const STATES = { waiting: 'wait', running: 'info', failed: 'bad' } as const;

const JOBS: readonly Column<Install['jobs'][number]>[] = [
  { label: 'Job', cell: ({ task }) => task.replace(/^quittance\.(app_job\.)?/, '') },
  { label: 'State', cell: ({ state }) => <StatusBadge tone={STATES[state]}>{state}</StatusBadge> },
  { label: 'Due', cell: ({ run_at: at }) => <Time at={at} /> },
  { label: 'Tried', cell: ({ attempts }) => attempts, isNumber: true },
  { label: 'Last error', cell: ({ last_error: error }) => error ?? '' },
];

/** What is queued for it. */
export function Jobs({ jobs }: Pick<Install, 'jobs'>) {
  return (
    <Section title="Jobs">
      {jobs.length === 0 ? (
        <div className="soft">Nothing is queued.</div>
      ) : (
        <Rows label="Queued jobs" rows={jobs} columns={JOBS} keyOf={({ id }) => id} />
      )}
    </Section>
  );
}
