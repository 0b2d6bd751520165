import { Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Event } from '../../../generated/contract.d.ts';
import { useLive, type LiveState } from '../api/live.ts';
import type { Filter } from '../parts/filters.tsx';
import { ListPage } from '../parts/list-page.tsx';
import type { Column } from '../parts/rows.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { useMay } from '../session/session.ts';
import { useFilter, useView } from '../shell/view.ts';
import { ReplayAll } from './replay-all.tsx';
import { EventStatus, STATUS_CHOICES } from './status.tsx';

// A burst of events reads the list once.
const GATHER_MS = 300;
// What arrived is worked on soon after: its state is read again.
const AGAIN_MS = 3_000;

const FILTERS: readonly Filter[] = [
  { kind: 'search', name: 'id', label: 'Event', placeholder: 'evt_…, or how it begins' },
  { kind: 'text', name: 'type', label: 'Type', placeholder: 'charge.*' },
  { kind: 'text', name: 'object', label: 'Object', placeholder: 'pi_…, ch_…, cus_…' },
  { kind: 'choice', name: 'status', label: 'State', choices: STATUS_CHOICES },
  { kind: 'time', name: 'from', label: 'From' },
  { kind: 'time', name: 'to', label: 'To' },
];

const NEWEST_FIRST = { order: 'desc' };

const COLUMNS: readonly Column<Event>[] = [
  { label: 'Type', cell: ({ type }) => type },
  { label: 'State', cell: EventStatus },
  { label: 'Object', cell: ({ object_id: object }) => object && <span className="mono">{object}</span> },
  {
    label: 'Account',
    cell: ({ account }) => account && <span className="mono">{account}</span>,
    wideOnly: true,
  },
  { label: 'Received', cell: (event) => <Time at={event.received_at} /> },
  { label: 'Deliveries', isNumber: true, cell: ({ deliveries }) => deliveries, wideOnly: true },
  { label: 'Trouble', cell: ({ last_error: error }) => error && <LastError error={error} /> },
];

export default function EventsPage() {
  const mayAct = useMay('operator');
  return (
    <ListPage
      title="Events"
      list="listEvents"
      exports="exportEvents"
      filters={FILTERS}
      always={NEWEST_FIRST}
      columns={COLUMNS}
      keyOf={({ seq }) => String(seq)}
      pathOf={({ seq }) => `/events/${seq}`}
      actions={
        <>
          <To path="/replays">Replays</To>
          {mayAct && <ReplayAll names={FILTERS.map(({ name }) => name)} />}
        </>
      }
      empty={{
        title: 'No event has arrived in this mode.',
        text: (
          <>
            Stripe posts them to <code>/api/webhook</code>. The page Doctor says whether it is told to.
          </>
        ),
      }}
    >
      <Tail />
    </ListPage>
  );
}

function LastError({ error }: { error: string }) {
  return <span className="soft">{error.split('\n')[0]?.slice(0, 120)}</span>;
}

/** Shows events as they arrive, when it is switched on. It stands in the URL. */
function Tail() {
  const [values, change] = useFilter();
  const { query: scope } = useView();
  const isOn = values.get('live') === 'on';
  const queries = useQueryClient();
  const timer = useRef<number>(undefined);
  const read = (): void => void queries.invalidateQueries({ queryKey: ['listEvents'] });
  const readSoon = (): void => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(read, GATHER_MS);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const asked = FILTERS.flatMap(({ name }) => (values.get(name) ? [[name, values.get(name)]] : []));
  const query = { ...scope, ...(Object.fromEntries(asked) as object) };
  const on = {
    events: () => {
      readSoon();
      window.setTimeout(read, AGAIN_MS);
    },
  };
  const state = useLive(
    'watchEvents',
    { query },
    {
      on,
      onOpen: read,
      enabled: isOn,
    },
  );
  return (
    <div className="head">
      <Switch
        label="Show new events as they arrive"
        checked={isOn}
        onChange={(event) => change({ live: event.currentTarget.checked ? 'on' : null })}
      />
      {isOn && <TailState state={state} />}
    </div>
  );
}

function TailState({ state }: { state: LiveState }) {
  if (state === 'live') return <StatusBadge tone="good">Live</StatusBadge>;
  return <StatusBadge tone="wait">{state === 'connecting' ? 'Connecting' : 'Paused'}</StatusBadge>;
}
