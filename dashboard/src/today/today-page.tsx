import { Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { Today } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { useLive, type LiveState } from '../api/live.ts';
import { Page } from '../parts/page.tsx';
import { Known } from '../parts/states.tsx';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';
import { useView } from '../shell/view.ts';
import { Alarms } from './alarms.tsx';
import { Counts } from './counts.tsx';
import { TIME_ZONE } from './days.ts';
import { FirstPayment } from './first-payment.tsx';
import { Pipeline } from './pipeline.tsx';
import { RevenueByDay } from './revenue-by-day.tsx';
import { RevenueCards } from './revenue-cards.tsx';
import './today.css';

// The stream tells of changes; this is for when it can't be had.
const REFRESH_MS = 60_000;

export default function TodayPage() {
  const { query } = useView();
  const asked = { query: { ...query, tz: TIME_ZONE } };
  const found = useOperation('getToday', asked, { refreshMs: REFRESH_MS });
  const queries = useQueryClient();
  const state = useLive('watchToday', asked, {
    on: { today: (today) => queries.setQueryData(['getToday', asked], today) },
  });
  return (
    <Page title="Today" aside={<LiveMark state={state} />}>
      <Known found={found}>{(today) => <Figures today={today} />}</Known>
      <Pipeline />
    </Page>
  );
}

function Figures({ today }: { today: Today }) {
  return (
    <Stack gap="md">
      {today.has_payments ? (
        <>
          <div className="tiles">
            <RevenueCards today={today} />
          </div>
          <Counts today={today} />
          <RevenueByDay today={today} />
        </>
      ) : (
        <FirstPayment />
      )}
      <Alarms alarms={today.alarms} />
    </Stack>
  );
}

function LiveMark({ state }: { state: LiveState }) {
  const [tone, word] = LIVE_WORDS[state];
  return <StatusBadge tone={tone}>{word}</StatusBadge>;
}

const LIVE_WORDS: Record<LiveState, [Tone, string]> = {
  live: ['good', 'Up to date'],
  connecting: ['wait', 'Connecting'],
  paused: ['neutral', 'Paused'],
};
