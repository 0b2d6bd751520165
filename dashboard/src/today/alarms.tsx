import type { Today } from '../../../generated/contract.d.ts';
import { Rows, type Column } from '../parts/rows.tsx';
import { Section } from '../parts/section.tsx';
import { Time } from '../parts/time.tsx';

type Alarm = Today['alarms'][number];

const COLUMNS: readonly Column<Alarm>[] = [
  { label: 'What happened', cell: ({ detail }) => detail },
  { label: 'Alarm', cell: ({ code }) => <span className="mono">{code}</span> },
  { label: 'Times', cell: ({ count }) => count, isNumber: true },
  { label: 'Last', cell: ({ last_at: at }) => <Time at={at} /> },
];

/** What somebody should look at. */
export function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  if (alarms.length === 0) return null;
  return (
    <Section title="Alarms of the last day, in both modes">
      <Rows
        label="Alarms"
        rows={alarms}
        columns={COLUMNS}
        keyOf={({ code, subject }) => `${code} ${subject}`}
      />
    </Section>
  );
}
