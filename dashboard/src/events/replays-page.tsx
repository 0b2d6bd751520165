import type { ReplayRun } from '../../../generated/contract.d.ts';
import { ListPage } from '../parts/list-page.tsx';
import type { Column } from '../parts/rows.tsx';
import { Time } from '../parts/time.tsx';
import { FilterLine } from './replay-all.tsx';
import { ReplayStatus, seenOf } from './replay-status.tsx';

const COLUMNS: readonly Column<ReplayRun>[] = [
  { label: 'Filter', cell: ({ filter }) => <FilterLine filter={filter} /> },
  { label: 'State', cell: ReplayStatus },
  { label: 'Seen', isNumber: true, cell: (run) => seenOf(run).toLocaleString('en') },
  {
    label: 'Of',
    isNumber: true,
    cell: ({ total, is_more: isMore }) => `${isMore ? '> ' : ''}${total.toLocaleString('en')}`,
  },
  { label: 'Began', cell: (run) => <Time at={run.created_at} /> },
  { label: 'By', cell: (run) => run.started_by },
];

export default function ReplaysPage() {
  return (
    <ListPage
      title="Replays"
      list="listReplays"
      takes="mode"
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => `/replays/${id}`}
      empty={{
        title: 'Nothing was run again in this mode.',
        text: 'Filter the list of events, then choose “Run all again”.',
      }}
    />
  );
}
