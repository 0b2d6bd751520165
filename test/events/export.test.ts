import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { exportEvents } from '../../src/events/export.ts';
import type { EventRow } from '../../src/events/rows.ts';
import { emptyFolder, quittance, type Ended } from '../support/cli.ts';
import { freshDatabase } from '../support/database.ts';
import {
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  putEvents,
  record,
  untilDone,
  untilStatus,
} from '../support/effects.ts';
import { runQuittance } from '../support/quittance.ts';

const BACKLOG = 2_500;

let url: string;
let database: Database;
const done = eventOf('cus_cli_done');
const dead = eventOf('cus_cli_dead', { note: 'dead', type: 'customer.created' });

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
  await putEvents(database, [done, dead]);
});

function handlersOf(): { handlers: Record<string, typeof record> } {
  return {
    handlers: {
      'customer.updated': record,
      'customer.created': ({ event }) => Promise.reject(new Error(`no luck with ${event.id}`)),
    },
  };
}

function cli(...args: string[]): Promise<Ended> {
  return quittance(['events', ...args], emptyFolder(), { DATABASE_URL: url }).ended;
}

function linesOf({ stdout }: Ended): EventRow[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EventRow);
}

describe('quittance events', () => {
  it('look into what a server left behind', async () => {
    const { stop } = await runQuittance(url, { ...handlersOf(), drain: { backoff: () => 0 } });
    await untilStatus(database, dead, 'dead');
    await untilDone(database, [done, dead]);
    await stop();
  });

  it('list shows a table, or JSON lines, and filters like the API', async () => {
    const table = await cli('list');
    expect(table.status).toBe(0);
    expect(table.stdout).toContain(done.id);
    expect(table.stdout).toMatch(/dead +customer\.created/);
    expect(table.stdout).toContain(`Error: no luck with ${dead.id}`);
    expect(linesOf(await cli('list', '--json')).map(({ id }) => id)).toEqual([done.id, dead.id]);
    const [row] = linesOf(await cli('list', '--json', '--status', 'dead'));
    expect(row).toMatchObject({ id: dead.id, status: 'dead', attempts: 34 });
    expect(linesOf(await cli('list', '--json', '--object', 'cus_cli_done'))).toHaveLength(1);
    expect(linesOf(await cli('list', '--json', '--type', 'customer.created'))).toHaveLength(1);
    expect(linesOf(await cli('list', '--json', '--after', String(row?.seq)))).toEqual([]);
    expect(linesOf(await cli('list', '--json', '--limit', '1'))).toHaveLength(1);
    expect((await cli('list', '--object', 'cus_nobody')).stdout).toBe('No events.\n');
    for (const wrong of [['--status', 'lost'], ['--limit', 'many'], ['--colour']]) {
      const refused = await cli('list', ...wrong);
      expect(refused.status).not.toBe(0);
      expect(refused.stdout).toBe('');
    }
  });

  it('show tells everything of one event, by id or by number', async () => {
    const shown = JSON.parse((await cli('show', dead.id)).stdout) as EventRow & Record<string, unknown>;
    expect(shown).toMatchObject({ id: dead.id, status: 'dead', payload: { id: dead.id } });
    expect(shown.failures).toHaveLength(34);
    const same = JSON.parse((await cli('show', String(shown.seq))).stdout) as EventRow;
    expect(same.id).toBe(dead.id);
    const none = await cli('show', 'evt_nowhere');
    expect(none.status).toBe(1);
    expect(none.stderr).toContain('There is no event evt_nowhere in the log.');
  });

  it('replay puts events back: dead ones at once, done ones only with --force', async () => {
    const refused = await cli('replay', done.id);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`quittance events replay ${done.id} --force`);
    expect((await cli('replay', done.id, '--force')).status).toBe(0);
    expect((await cli('replay', dead.id)).stdout).toContain(`${dead.id} is on the work list`);
    const { rows } = await database.pool.query(`select target from quittance.audit where actor = 'cli'`);
    expect(rows).toEqual([{ target: done.id }, { target: dead.id }]);
    await runQuittance(url, { handlers: { 'customer.updated': record, 'customer.created': record } });
    await untilDone(database, [done, dead]);
    expect(await effectsOf(database, [done])).toHaveLength(2);
    expect(await effectsOf(database, [dead])).toHaveLength(1);
  });

  it('export writes every stored event as a line, in order, more than fit into one step', async () => {
    const backlog = eventsApart(BACKLOG, 'cus_cli_many');
    await putEvents(database, backlog);
    const exported = await cli('export');
    expect(exported.status).toBe(0);
    const rows = linesOf(exported);
    expect(rows.map(({ id }) => id)).toEqual([done.id, dead.id, ...backlog.map(({ id }) => id)]);
    expect(rows[1]).toMatchObject({ status: 'done', attempts: 35 });
    const names =
      'account attempts created deliveries id last_error livemode object_id received_at seq source';
    expect(Object.keys(rows[0] ?? {}).toSorted()).toEqual([...names.split(' '), 'status', 'type']);
    await database.sql`delete from quittance.work`;
  });

  it('export is one moment: what is stored and what changes meanwhile is not in it', async () => {
    const rows: EventRow[] = [];
    const late = eventOf('cus_cli_late');
    await exportEvents(database, async (step) => {
      if (rows.length === 0) {
        await putEvents(database, [late]);
        await database.sql`update quittance.event set deliveries = 99 where id = ${done.id} or seq > 2000`;
      }
      rows.push(...step);
    });
    expect(rows).toHaveLength(BACKLOG + 2);
    expect(new Set(rows.map(({ deliveries }) => deliveries))).toEqual(new Set([1]));
    // Control: the next one has both.
    const after: EventRow[] = [];
    await exportEvents(database, async (step) => void after.push(...step));
    expect(after.at(-1)?.id).toBe(late.id);
    expect(after[0]?.deliveries).toBe(99);
  });
});
