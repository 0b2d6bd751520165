import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Check, RepairedEndpoint } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { Filters, type Filter } from '../parts/filters.tsx';
import { Page } from '../parts/page.tsx';
import { Section } from '../parts/section.tsx';
import { Empty, Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { useFilter } from '../shell/view.ts';
import { NewSecret, Repair } from './repair.tsx';
import { Standing, sumOf } from './standing.tsx';
import './doctor.css';

// A look takes a dozen calls to Stripe.
const REFRESH_MS = 60_000;

const FILTERS: readonly Filter[] = [
  {
    kind: 'choice',
    name: 'show',
    label: 'Show',
    none: 'Everything',
    choices: [{ value: 'trouble', label: 'What is not in order' }],
  },
];

/** Whether everything is as it should be, and how to mend what is not. */
export default function DoctorPage() {
  const found = useOperation('getDoctor', {}, { refreshMs: REFRESH_MS });
  const [filter, change] = useFilter();
  const [made, setMade] = useState<RepairedEndpoint | null>(null);
  const onlyTrouble = filter.get('show') === 'trouble';
  return (
    <Page
      title="Doctor"
      actions={
        <Button variant="default" loading={found.isFetching} onClick={() => void found.refetch()}>
          Look again
        </Button>
      }
    >
      <Known found={found}>
        {({ data, at, livemode }) => (
          <>
            <div className="head">
              <div>
                <strong>{sumOf(data)}</strong>{' '}
                <span className="soft">
                  Looked at <Time at={at} />, in {livemode ? 'live' : 'test'} mode.
                </span>
              </div>
              <Filters filters={FILTERS} values={filter} onChange={change} />
            </div>
            <Groups
              checks={onlyTrouble ? data.filter(({ status }) => status !== 'ok') : data}
              onMade={setMade}
            />
          </>
        )}
      </Known>
      <NewSecret made={made} close={() => setMade(null)} />
    </Page>
  );
}

type OnMade = (made: RepairedEndpoint) => void;

function Groups({ checks, onMade }: { checks: readonly Check[]; onMade: OnMade }) {
  const groups = [...new Set(checks.map(({ group }) => group))];
  if (groups.length === 0)
    return (
      <div className="card">
        <Empty title="Everything is in order." />
      </div>
    );
  return groups.map((group) => (
    <Section key={group} title={group}>
      <ul className="checks">
        {checks
          .filter((check) => check.group === group)
          .map((check) => (
            <CheckLine key={check.id} check={check} onMade={onMade} />
          ))}
      </ul>
    </Section>
  ));
}

function CheckLine({ check, onMade }: { check: Check; onMade: OnMade }) {
  const { title, status, found, mend, repair } = check;
  return (
    <li>
      <Standing status={status} />
      <div>
        <h3>{title}</h3>
        <p>{found}</p>
        {mend && (
          <p>
            <span className="soft">To do:</span> {mend}
          </p>
        )}
      </div>
      {repair && <Repair endpoint={repair} title={title} onMade={onMade} />}
    </li>
  );
}
