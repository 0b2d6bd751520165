import { Command } from 'commander';
import type { Database } from '../db/database.ts';
import { QuittanceError } from '../errors.ts';
import { exportEvents } from '../events/export.ts';
import type { EventFilter, EventPage } from '../events/filter-rows.ts';
import { recognitionOf } from '../events/recognition.ts';
import { replayEvent } from '../events/replay.ts';
import { withPayload } from '../events/detail.ts';
import { EVENT_STATUSES, findEvent, type EventRow, type EventStatus } from '../events/rows.ts';
import { listEvents } from '../events/search-rows.ts';
import { noteDone } from './audit.ts';
import { withStored } from './database.ts';
import { configFile, loadConfig, readEnvironment } from './environment.ts';
import { print } from './output.ts';
import { oneOf, positive, wholeNumber } from './values.ts';

const LIMIT_DEFAULT = 50;

export function eventsCommand(): Command {
  const events = new Command('events').description('look into the event log, and run events again');
  for (const make of [listCommand, showCommand, replayCommand, exportCommand])
    events.addCommand(make().exitOverride());
  return events;
}

interface ListFlags {
  after: number;
  limit: number;
  type?: string;
  object?: string;
  status?: EventStatus;
  json?: boolean;
}

function listCommand(): Command {
  return new Command('list')
    .description('stored events, oldest first')
    .option('--after <seq>', 'only events behind this number', wholeNumber, 0)
    .option('--limit <n>', 'how many', positive, LIMIT_DEFAULT)
    .option('--type <type>', 'for example charge.refunded')
    .option('--object <id>', 'events of one object, for example pi_…')
    .option('--status <status>', EVENT_STATUSES.join(', '), oneOf(EVENT_STATUSES))
    .option('--json', 'one JSON object a line')
    .action(async ({ after, limit, type, object, status, json }: ListFlags) => {
      const filter = { ...NO_FILTER, type: type ?? null, object: object ?? null, status: status ?? null };
      const find = async (database: Database): Promise<EventRow[]> =>
        listBothModes(database, filter, { order: 'asc', after, limit });
      const rows = (await withStored(readEnvironment(), find)) ?? [];
      await print(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : table(rows));
    });
}

const NO_FILTER = { account: null, id: null, from: null, to: null };

// Whoever looks from the command line looks at one log, whatever the key.
async function listBothModes(
  database: Database,
  filter: Omit<EventFilter, 'livemode'>,
  page: EventPage,
): Promise<EventRow[]> {
  const lists = await Promise.all(
    [false, true].map((livemode) => listEvents(database, { ...filter, livemode }, page)),
  );
  const rows = lists.flatMap((found) => found ?? []).toSorted((a, b) => a.seq - b.seq);
  return rows.slice(0, page.limit);
}

function showCommand(): Command {
  return new Command('show')
    .description('one event with its payload and every failure')
    .argument('<id>', 'event id (evt_…) or its number in the log')
    .action(async (id: string) => {
      const event = await withStored(readEnvironment(), (database) => findEvent(database.sql, id));
      if (!event) throw notFound(id);
      await print(`${JSON.stringify(withPayload(event), null, 2)}\n`);
    });
}

function replayCommand(): Command {
  return new Command('replay')
    .description('put an event back on the work list')
    .argument('<id>', 'event id (evt_…) or its number in the log')
    .option('--force', 'also when it is done')
    .action(async (id: string, { force = false }: { force?: boolean }) => {
      const work = async (database: Database): Promise<true> =>
        replay(database, id, force).then(() => true as const);
      if (!(await withStored(readEnvironment(), work))) throw notFound(id);
    });
}

async function replay(database: Database, id: string, force: boolean): Promise<void> {
  const { handlers = {} } = await loadConfig(configFile());
  const { livemodeOf } = await import('../stripe/clients.ts'); // with Stripe's library
  const livemode = livemodeOf(readEnvironment().env.STRIPE_SECRET_KEY);
  const recognition = recognitionOf((type) => Object.hasOwn(handlers, type), livemode);
  const result = await replayEvent(database, recognition, id, { force, slowTypes: [] });
  if (result.kind === 'not_found') throw notFound(id);
  if (result.kind === 'already_done') {
    const message = `${id} is done. To run its handlers again: quittance events replay ${id} --force`;
    throw new QuittanceError({ code: 'event_already_done', message });
  }
  if (result.kind === 'removed') {
    const message = `${id} can not be run: its body was removed with the data of the account it is of`;
    throw new QuittanceError({ code: 'event_removed', message });
  }
  if (result.kind === 'unreadable') {
    const message = `${id} can not be run: ${result.problem}`;
    throw new QuittanceError({ code: 'event_unreadable', message });
  }
  await noteDone(database, 'replayEvent', { target: result.event.id, force });
  process.stdout.write(
    `${result.event.id} is on the work list; a running server takes it within a second.\n`,
  );
}

function exportCommand(): Command {
  return new Command('export')
    .description('every stored event as one JSON object a line (NDJSON), oldest first')
    .addHelpText('after', '\nReads one snapshot and streams: the size of the log does not matter.')
    .action(async () => {
      let count = 0;
      await withStored(readEnvironment(), async (database) => {
        await exportEvents(database, async (rows) => {
          count += rows.length;
          await print(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
        });
      });
      if (count === 0) process.stderr.write('No events.\n'); // stdout is for programs
    });
}

function table(rows: readonly EventRow[]): string {
  if (rows.length === 0) return 'No events.\n';
  const lines = rows.map((row) =>
    [
      String(row.seq).padStart(8),
      row.received_at.slice(0, 19).replace('T', ' '),
      row.status.padEnd(11),
      row.type.padEnd(40),
      (row.object_id ?? '-').padEnd(32),
      row.id,
      row.last_error ? `\n         ${row.last_error.split('\n')[0]}` : '',
    ].join('  '),
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function notFound(id: string): QuittanceError {
  return new QuittanceError({ code: 'event_not_found', message: `There is no event ${id} in the log.` });
}
