import { Button, Checkbox, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Asked } from '../api/client.ts';
import { useAction } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { useFilter, useView } from '../shell/view.ts';

const PER_SECOND = 50;
const PER_SECOND_MAX = 1_000;

type Filter = Asked<'startReplay'>['body']['filter'];

/** Runs all events of the filter on the page again, after it said how many they are. */
export function ReplayAll({ names }: { names: readonly string[] }) {
  const [isOpen, setOpen] = useState(false);
  const [values] = useFilter();
  const { query: scope, account } = useView();
  const given = names.flatMap((name) => (values.get(name) ? [[name, values.get(name)]] : []));
  const filter = { ...scope, ...(Object.fromEntries(given) as object) } as Filter;
  const isFiltered = given.length > 0 || account !== null;
  return (
    <>
      <Button
        variant="default"
        disabled={!isFiltered}
        {...(!isFiltered && { title: 'Filter the list first: only what is shown is run again' })}
        onClick={() => setOpen(true)}
      >
        Run all again
      </Button>
      {isOpen && <ReplayDialog filter={filter} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Counts first, and begins only on a second word. */
function ReplayDialog({ filter, onClose }: { filter: Filter; onClose: () => void }) {
  const [force, setForce] = useState(filter.status === 'done');
  const [perSecond, setPerSecond] = useState<number | string>(PER_SECOND);
  const [, navigate] = useLocation();
  const { to } = useView();
  const count = useAction('startReplay', { quiet: true, refreshes: [] });
  const begin = useAction('startReplay', {
    quiet: true,
    done: 'The replay has begun.',
    refreshes: ['listReplays'],
    onDone: ({ run }) => run && navigate(to(`/replays/${run.id}`)),
  });
  const counted = count.data && !count.isPending ? count.data : null;
  const isReady = counted !== null && counted.count > 0 && typeof perSecond === 'number';
  const run = (): void => {
    if (counted === null) return count.mutate({ body: { filter, force, dry_run: true } });
    if (typeof perSecond === 'number') begin.mutate({ body: { filter, force, per_second: perSecond } });
  };
  return (
    <Confirm
      opened
      onClose={onClose}
      title="Run all events of this filter again?"
      confirm={counted === null ? 'Count them' : 'Run them again'}
      isBusy={count.isPending || begin.isPending}
      isReady={counted === null || isReady}
      problem={begin.error ?? count.error}
      onConfirm={run}
    >
      <FilterLine filter={filter} />
      <Checkbox
        label="Also those that are done"
        description="Their handlers really run a second time."
        checked={force}
        onChange={(event) => {
          setForce(event.currentTarget.checked);
          count.reset();
        }}
      />
      <NumberInput
        label="How many a second"
        value={perSecond}
        min={1}
        max={PER_SECOND_MAX}
        allowDecimal={false}
        clampBehavior="strict"
        onChange={setPerSecond}
      />
      <div role="status">{counted && <Count {...counted} perSecond={Number(perSecond)} />}</div>
    </Confirm>
  );
}

function Count({
  count,
  is_more: isMore,
  perSecond,
}: {
  count: number;
  is_more: boolean;
  perSecond: number;
}) {
  if (count === 0) return <strong>No event of this filter can be run again.</strong>;
  const minutes = Math.ceil(count / Math.max(perSecond, 1) / 60);
  return (
    <>
      <strong className="number">
        {isMore ? 'More than ' : ''}
        {count.toLocaleString('en')} {count === 1 ? 'event' : 'events'}
      </strong>
      , in about {minutes === 1 ? 'a minute' : `${minutes} minutes`} or less.
    </>
  );
}

/** A filter in a line. */
export function FilterLine({ filter }: { filter: Readonly<Record<string, unknown>> }) {
  const parts = Object.entries(filter).filter(([name, value]) => value !== null && name !== 'livemode');
  return (
    <div>
      {parts.map(([name, value]) => (
        <span key={name} className="mono">
          {name}={String(value)}{' '}
        </span>
      ))}
    </div>
  );
}
