import type { Job } from '../../../generated/contract.d.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import type { Column } from '../parts/rows.tsx';
import { To } from '../parts/to.tsx';
import { JobStatus, JobTime, STATE_WORDS } from './standing.tsx';

const ERROR_CHARACTERS_MAX = 160;

const FILTERS: readonly Filter[] = [
  { kind: 'search', name: 'name', label: 'Name', placeholder: 'The whole name, like quittance.reconcile' },
  {
    kind: 'choice',
    name: 'state',
    label: 'State',
    choices: Object.entries(STATE_WORDS).map(([value, { label }]) => ({ value, label })),
  },
];

const COLUMNS: readonly Column<Job>[] = [
  { label: 'Job', cell: ({ name }) => name },
  { label: 'State', cell: JobStatus },
  { label: 'Runs', cell: JobTime },
  {
    label: 'Attempts',
    cell: ({ attempts, attempts_max: max }) => `${attempts} of ${max}`,
    isNumber: true,
  },
  { label: 'Last error', cell: ({ last_error: error }) => error?.slice(0, ERROR_CHARACTERS_MAX) },
];

export default function JobsPage() {
  return (
    <ListPage
      title="Jobs"
      list="listJobs"
      takes="nothing"
      exports="exportJobs"
      filters={FILTERS}
      columns={COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => `/jobs/${id}`}
      actions={<To path="/jobs/timetable">Timetable</To>}
      empty={{
        title: 'Nothing waits and nothing failed.',
        text: 'A job is here until it is done: e-mail, calls to other systems, work on a timetable.',
      }}
    />
  );
}
