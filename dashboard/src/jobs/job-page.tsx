import { Button } from '@mantine/core';
import { useLocation, useParams } from 'wouter';
import type { Job } from '../../../generated/contract.d.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { Json } from '../parts/json.tsx';
import { Page } from '../parts/page.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Empty, Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { useMay } from '../session/session.ts';
import { useView } from '../shell/view.ts';
import { JobStatus, JobTime } from './standing.tsx';

const REFRESH_MS = 2_000;
const BACK = { path: '/jobs', label: 'Jobs' };

export default function JobPage() {
  const { id = '' } = useParams();
  const found = useOperation('getJob', { params: { id } }, { refreshMs: REFRESH_MS });
  const { data: job, error } = found;
  if (error?.code === 'job_not_found')
    return (
      <Page title={job?.name ?? `Job ${id}`} back={BACK}>
        <div className="card">
          <Empty title="This job is done, or was removed.">What is done is not kept.</Empty>
        </div>
      </Page>
    );
  return (
    <Page
      title={job?.name ?? 'Job'}
      aside={job && <JobStatus state={job.state} />}
      back={BACK}
      actions={job && <Actions job={job} />}
    >
      <Known found={found}>{(known) => <About job={known} />}</Known>
    </Page>
  );
}

function Actions({ job: { id, state } }: { job: Job }) {
  const mayAct = useMay('operator');
  const { to } = useView();
  const [, navigate] = useLocation();
  const run = useAction('runJob', { done: 'It runs within a second.' });
  const remove = useAction('removeJob', { done: 'Removed.', onDone: () => navigate(to('/jobs')) });
  if (!mayAct || state === 'running') return null;
  const asked = { params: { id } };
  return (
    <>
      <Button loading={run.isPending} onClick={() => run.mutate(asked)}>
        {state === 'failed' ? 'Run again' : 'Run now'}
      </Button>
      {state === 'failed' && (
        <ConfirmButton
          label="Remove"
          title="Remove this job?"
          isDangerous
          isBusy={remove.isPending}
          onConfirm={(close) => remove.mutate(asked, { onSettled: close })}
        >
          It will never run, and what it was to do stays undone.
        </ConfirmButton>
      )}
    </>
  );
}

function About({ job }: { job: Job }) {
  const { id, attempts, attempts_max: max, last_error: error } = job;
  return (
    <>
      {error !== null && (
        <Section title={job.state === 'failed' ? 'Why it failed' : 'What went wrong last'}>
          <div className="notice mono" data-tone={job.state === 'failed' ? 'bad' : 'wait'}>
            <div>{error}</div>
          </div>
          {job.state === 'failed' && (
            <div>Mend the cause, then run it again: all attempts are before it.</div>
          )}
        </Section>
      )}
      <Section title="About">
        <KeyValue
          facts={[
            ['Id', <span className="mono">{id}</span>],
            [job.state === 'running' ? 'Runs since' : 'Runs', <JobTime {...job} />],
            ['Attempts', `${attempts} of ${max}`],
            ['Queued', <Time at={job.created_at} isExact />],
            ['Changed', <Time at={job.updated_at} isExact />],
            ['In line', job.queue && <>{job.queue}, one at a time</>],
            ['Key', job.key && <span className="mono">{job.key}</span>],
          ]}
        />
      </Section>
      <Json value={job.payload} label="Payload" />
    </>
  );
}
