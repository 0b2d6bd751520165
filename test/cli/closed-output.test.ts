import { expect, it } from 'vitest';
import { newestVersion } from '../../src/db/migrate.ts';
import { emptyFolder, quittance } from '../support/cli.ts';
import { emptyDatabase } from '../support/database.ts';

it('a reader that has seen enough, as `head` has, stops nothing half-way', async () => {
  const { url, database } = await emptyDatabase(20);
  const command = quittance(['migrate'], emptyFolder(), { DATABASE_URL: url });
  command.child.stdout?.destroy();
  expect(await command.ended).toEqual({ status: 0, stdout: '', stderr: '' });
  const [row] = await database.sql<{ version: number }>`
    select max(version)::int as version from quittance.migration`;
  expect(row?.version).toBe(await newestVersion());
});
