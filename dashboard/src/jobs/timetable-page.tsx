import type { CronLine } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { Page } from '../parts/page.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { Empty, Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';

const REFRESH_MS = 30_000;

const COLUMNS: readonly Column<CronLine>[] = [
  { label: 'Job', cell: ({ name }) => name },
  { label: 'When (UTC)', cell: ({ spec }) => <span className="mono">{spec}</span> },
  { label: 'Next run', cell: ({ next_run_at: at }) => <Time at={at} /> },
  { label: 'Last run', cell: ({ last_run_at: at }) => <Time at={at} /> },
  { label: 'Whose', cell: ({ ours }) => (ours ? 'Quittance’s' : 'Yours'), wideOnly: true },
  {
    label: 'Now',
    cell: ({ name }) => (
      <To path="/jobs" query={{ name }}>
        Waiting or failed
      </To>
    ),
    wideOnly: true,
  },
];

/** What runs by itself, and when. */
export default function TimetablePage() {
  const found = useOperation('listCron', {}, { refreshMs: REFRESH_MS });
  return (
    <Page title="Timetable" back={{ path: '/jobs', label: 'Jobs' }}>
      <Known found={found}>
        {({ data }) => (
          <div className="card">
            {data.length === 0 ? (
              <Empty title="Nothing is on a timetable.">Declare a line with the option “cron”.</Empty>
            ) : (
              <Rows
                label="Timetable"
                rows={data}
                columns={COLUMNS}
                keyOf={({ name, spec }) => `${name} ${spec}`}
              />
            )}
          </div>
        )}
      </Known>
    </Page>
  );
}
