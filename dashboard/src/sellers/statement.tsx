import { Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { addressOf } from '../api/client.ts';
import { CsvButton } from '../parts/list-page.tsx';
import { Section } from '../parts/section.tsx';

/** A month of a seller's money, to keep. */
export function Statement({ id }: { id: string }) {
  const [month, setMonth] = useState(() => new Date().toISOString().slice(0, 7));
  return (
    <Section title="Statement">
      <Group gap="xs" align="end">
        <TextInput
          type="month"
          label="Month (UTC)"
          value={month}
          onChange={(event) => setMonth(event.currentTarget.value)}
        />
        {month && (
          <CsvButton address={addressOf('getSellerStatement', { params: { id }, query: { month } })} />
        )}
      </Group>
    </Section>
  );
}
