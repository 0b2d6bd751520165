import { Button, Checkbox, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Operations, PayoutSchedule } from '../../../generated/contract.d.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { Section } from '../parts/section.tsx';
import { Failure, Known } from '../parts/states.tsx';
import { useMay } from '../session/session.ts';

type Change = Operations['changeSellerSchedule']['body'];
type Weekday = Extract<Change, { interval: 'weekly' }>['weekly_payout_days'][number];

const INTERVALS = [
  { value: 'daily', label: 'Every day' },
  { value: 'weekly', label: 'Every week' },
  { value: 'monthly', label: 'Every month' },
  { value: 'manual', label: 'Only on request' },
];
const WEEKDAYS: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];

/** When a seller is paid out, and a way to change it. */
export function Schedule({ id }: { id: string }) {
  const mayAct = useMay('operator');
  const [isOpen, setIsOpen] = useState(false);
  const found = useOperation('getSellerSchedule', { params: { id } });
  return (
    <Section
      title="Payout schedule"
      actions={
        mayAct &&
        found.data &&
        !isOpen && (
          <Button variant="default" onClick={() => setIsOpen(true)}>
            Change
          </Button>
        )
      }
    >
      <Known found={found}>
        {(schedule) =>
          isOpen ? (
            <ScheduleForm id={id} schedule={schedule} close={() => setIsOpen(false)} />
          ) : (
            <div>{inWords(schedule)}</div>
          )
        }
      </Known>
    </Section>
  );
}

function ScheduleForm({ id, schedule, close }: { id: string; schedule: PayoutSchedule; close: () => void }) {
  const [interval, setInterval] = useState(schedule.interval);
  const [weekdays, setWeekdays] = useState<string[]>(schedule.weekly_payout_days);
  const [days, setDays] = useState(schedule.monthly_payout_days.join(', '));
  const change = useAction('changeSellerSchedule', {
    done: 'The schedule is changed.',
    refreshes: ['getSellerSchedule'],
    quiet: true,
    onDone: close,
  });
  const body = changeOf(interval, weekdays, days);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (body) change.mutate({ params: { id }, body });
      }}
    >
      <Stack gap="sm">
        <NativeSelect
          label="How often"
          value={interval}
          data={INTERVALS}
          onChange={(event) => setInterval(event.currentTarget.value)}
        />
        {interval === 'weekly' && (
          <Checkbox.Group label="On" value={weekdays} onChange={setWeekdays}>
            <Group gap="md" mt={4}>
              {WEEKDAYS.map((day) => (
                <Checkbox key={day} value={day} label={capital(day)} />
              ))}
            </Group>
          </Checkbox.Group>
        )}
        {interval === 'monthly' && (
          <TextInput
            label="On these days of the month"
            placeholder="1, 15"
            value={days}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
        )}
        {change.error && <Failure problem={change.error} />}
        <Group gap="xs">
          <Button type="submit" loading={change.isPending} disabled={body === null}>
            Save
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What is asked for, or null while something is missing. */
function changeOf(interval: string, weekdays: readonly string[], days: string): Change | null {
  if (interval === 'daily' || interval === 'manual') return { interval };
  if (interval === 'weekly') {
    const chosen = WEEKDAYS.filter((day) => weekdays.includes(day));
    return chosen.length > 0 ? { interval, weekly_payout_days: chosen } : null;
  }
  const chosen = days
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  const isRight = chosen.length > 0 && chosen.every((day) => Number.isInteger(day) && day >= 1 && day <= 31);
  return interval === 'monthly' && isRight ? { interval, monthly_payout_days: chosen } : null;
}

function inWords(schedule: PayoutSchedule): string {
  const { interval, weekly_payout_days: weekdays, monthly_payout_days: days, delay_days: delay } = schedule;
  const often = INTERVALS.find(({ value }) => value === interval)?.label ?? interval;
  const on = interval === 'weekly' ? weekdays.map(capital) : interval === 'monthly' ? days.map(String) : [];
  return `${often}${on.length > 0 ? `, on ${on.join(', ')}` : ''}. Money is available after ${delay} days.`;
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
