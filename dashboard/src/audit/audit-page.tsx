import type { AuditEntry } from '../../../generated/contract.d.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import type { Column } from '../parts/rows.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { CheckChain } from './check-chain.tsx';

const FILTERS: readonly Filter[] = [
  { kind: 'text', name: 'actor', label: 'Who', placeholder: 'opr_…, api_key, cli, nobody' },
  { kind: 'text', name: 'action', label: 'What', placeholder: 'createRefund' },
  { kind: 'text', name: 'target', label: 'To what', placeholder: 'ord_…' },
  {
    kind: 'choice',
    name: 'outcome',
    label: 'Result',
    choices: [
      { value: 'done', label: 'Done' },
      { value: 'failed', label: 'Failed' },
      { value: 'open', label: 'Not ended' },
      { value: 'wrong_credentials', label: 'Wrong password' },
      { value: 'locked_out', label: 'Locked out' },
    ],
  },
  { kind: 'time', name: 'from', label: 'From' },
  { kind: 'time', name: 'to', label: 'Before' },
];

const COLUMNS: readonly Column<AuditEntry>[] = [
  { label: 'When', cell: ({ at }) => <Time at={at} /> },
  { label: 'Who', cell: Who },
  { label: 'What', cell: ({ action }) => action },
  { label: 'To what', cell: ({ target }) => target && <span className="mono">{target}</span> },
  { label: 'With', cell: With },
  { label: 'From', cell: ({ address }) => address },
  { label: 'Result', cell: Result },
];

/** Who did what. */
export default function AuditPage() {
  return (
    <ListPage
      title="Audit log"
      list="listAudit"
      exports="exportAudit"
      takes="nothing"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ request }) => request}
      actions={<CheckChain />}
      empty={{
        title: 'Nothing has been done yet.',
        text: 'Whatever changes something, here or by the API, is written down with who did it.',
      }}
    />
  );
}

function Who({ actor, actor_name, role }: AuditEntry) {
  return (
    <span>
      <To path="/audit" query={{ actor }}>
        {actor_name || actor}
      </To>{' '}
      {role !== null && <span className="soft">{role}</span>}
    </span>
  );
}

function With({ detail }: AuditEntry) {
  const fields = Object.entries(detail).filter(([, value]) => value !== null);
  if (fields.length === 0) return null;
  return (
    <span className="mono">
      {fields
        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(', ')}
    </span>
  );
}

function Result({ outcome }: AuditEntry) {
  if (outcome === null) return <StatusBadge tone="wait">Not ended</StatusBadge>;
  return <StatusBadge tone={outcome === 'done' ? 'good' : 'bad'}>{outcome.replaceAll('_', ' ')}</StatusBadge>;
}
