import { Progress, Stack } from '@mantine/core';
import { useParams } from 'wouter';
import type { ReplayRun } from '../../../generated/contract.d.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { Page } from '../parts/page.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { useMay } from '../session/session.ts';
import { FilterLine } from './replay-all.tsx';
import { ReplayStatus, seenOf } from './replay-status.tsx';

const LOOK_MS = 1_000;

const REASONS: Record<string, string> = {
  already_done: 'were done already',
  removed: 'were removed with the data of their account',
  unknown_account: 'are of an account that nobody here knows',
  unknown_type: 'are of an unknown type',
  unknown_api_version: 'are of an unknown API version',
  livemode_mismatch: 'are of the other mode',
};

export default function ReplayPage() {
  const { id = '' } = useParams();
  const found = useOperation('getReplay', { params: { id } }, { refreshMs: LOOK_MS });
  const run = found.data;
  return (
    <Page
      title="Replay"
      aside={run && <ReplayStatus status={run.status} />}
      back={{ path: '/replays', label: 'Replays' }}
      actions={run?.status === 'running' && <Cancel id={id} />}
    >
      <Known found={found}>{(known) => <About run={known} />}</Known>
    </Page>
  );
}

function About({ run }: { run: ReplayRun }) {
  const { filter, force, per_second: perSecond, total, is_more: isMore, queued, skipped } = run;
  const seen = seenOf(run);
  const share = run.status === 'done' ? 100 : Math.min(Math.round((seen / Math.max(total, 1)) * 100), 99);
  const shown = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value ?? null]));
  return (
    <Stack gap="md">
      <Section title="How far it is">
        <Progress value={share} aria-label={`${share} percent are done`} size="lg" />
        <div className="number" role="status">
          {seen.toLocaleString('en')} of {isMore ? 'more than ' : ''}
          {total.toLocaleString('en')} seen, {queued.toLocaleString('en')} of them put on the work list
        </div>
        {Object.entries(skipped).map(([reason, count]) => (
          <div key={reason} className="soft">
            {count.toLocaleString('en')} {REASONS[reason] ?? `can not be run: ${reason}`}
          </div>
        ))}
      </Section>
      <Section title="About">
        <KeyValue
          facts={[
            ['Filter', <FilterLine filter={filter} />],
            [
              'Events',
              <To path="/events" query={shown}>
                Show them
              </To>,
            ],
            ['Done ones', force ? 'Are run again too' : 'Are passed over'],
            ['A second', perSecond],
            ['Asked for by', run.started_by],
            ['Began', <Time at={run.created_at} isExact />],
            ['Ended', run.finished_at && <Time at={run.finished_at} isExact />],
          ]}
        />
      </Section>
    </Stack>
  );
}

function Cancel({ id }: { id: string }) {
  const mayAct = useMay('operator');
  const cancel = useAction('cancelReplay', { done: 'The replay is stopped.', quiet: true });
  if (!mayAct) return null;
  return (
    <ConfirmButton
      label="Stop it"
      title="Stop this replay?"
      isBusy={cancel.isPending}
      problem={cancel.error}
      onConfirm={(close) => cancel.mutate({ params: { id } }, { onSuccess: close })}
    >
      <div>What is on the work list already is run. The rest stays as it is.</div>
    </ConfirmButton>
  );
}
