import { Command } from 'commander';
import { QuittanceError } from '../errors.ts';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../sinks/delivery.ts';
import { listDeliveries, sinkCounts, type DeliveryRow, type SinkCounts } from '../sinks/list-rows.ts';
import { replayDeliveries, replaySchema } from '../sinks/replay.ts';
import { noteDone } from './audit.ts';
import { withStored } from './database.ts';
import { readEnvironment } from './environment.ts';
import { print } from './output.ts';
import { oneOf, positive, wholeNumber } from './values.ts';

const LIMIT_DEFAULT = 50;

export function sinksCommand(): Command {
  const sinks = new Command('sinks').description(
    'look at what systems of yours were told, and tell them again',
  );
  for (const make of [listCommand, deliveriesCommand, replayCommand]) sinks.addCommand(make().exitOverride());
  return sinks;
}

function listCommand(): Command {
  return new Command('list')
    .description('every sink that was to have an event, with how many wait, arrived and died')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = (await withStored(readEnvironment(), (database) => sinkCounts(database.sql))) ?? [];
      await print(json ? linesOf(rows) : rows.length === 0 ? 'No sinks.\n' : rows.map(sinkLine).join(''));
    });
}

interface DeliveriesFlags {
  after: number;
  limit: number;
  status?: DeliveryStatus;
  json?: boolean;
}

function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('what a sink was told, in the order of the event log')
    .argument('<sink>', 'its name')
    .option('--after <seq>', 'only events behind this number', wholeNumber, 0)
    .option('--limit <n>', 'how many', positive, LIMIT_DEFAULT)
    .option('--status <status>', DELIVERY_STATUSES.join(', '), oneOf(DELIVERY_STATUSES))
    .option('--json', 'one JSON object a line')
    .action(async (sink: string, { after, limit, status, json }: DeliveriesFlags) => {
      const filter = { after, limit, status: status ?? null };
      const rows =
        (await withStored(readEnvironment(), ({ pool }) => listDeliveries(pool, sink, filter))) ?? [];
      await print(
        json ? linesOf(rows) : rows.length === 0 ? 'No deliveries.\n' : rows.map(deliveryLine).join(''),
      );
    });
}

interface ReplayFlags {
  status?: DeliveryStatus;
  type?: string;
  from?: string;
  to?: string;
  id?: string[];
}

function replayCommand(): Command {
  return new Command('replay')
    .description('send again what a sink did not take, or did: 1,000 at a time')
    .argument('<sink>', 'its name')
    .option('--status <status>', 'dead (the default) or delivered', oneOf(DELIVERY_STATUSES))
    .option('--type <type>', 'for example charge.refunded')
    .option('--from <time>', 'queued at or after this time, for example 2026-11-21T00:00:00Z')
    .option('--to <time>', 'queued before this time')
    .option('--id <ids...>', 'these deliveries (msg_…), however they ended')
    .action(async (sink: string, { id, ...flags }: ReplayFlags) => {
      const filter = replaySchema.safeParse({ ...flags, ...(id ? { ids: id } : {}) });
      if (!filter.success) {
        const [issue] = filter.error.issues;
        const flag = String(issue?.path[0] ?? '').replace('ids', 'id');
        const message = `--${flag}: ${issue?.message}`;
        throw new QuittanceError({ code: 'invalid_filter', message });
      }
      const result = await withStored(readEnvironment(), async (database) => {
        const replayed = await replayDeliveries(database, sink, filter.data);
        await noteDone(database, 'replaySinkDeliveries', { target: sink, ...filter.data });
        return replayed;
      });
      const { queued, more } = result ?? { queued: 0, more: false };
      await print(`${queued} queued again${more ? '; there may be more: ask again' : ''}.\n`);
    });
}

function sinkLine({ name, pending, delivered, dead, oldest_pending, rests_until }: SinkCounts): string {
  const waits = oldest_pending === null ? '' : `  waiting since ${oldest_pending}`;
  const rests = rests_until === null ? '' : `  left alone until ${rests_until}`;
  return `${name.padEnd(24)}  ${pending} pending  ${delivered} delivered  ${dead} dead${waits}${rests}\n`;
}

function deliveryLine({ seq, status, type, event, id, last_error }: DeliveryRow): string {
  const words = [String(seq).padStart(8), status.padEnd(9), type.padEnd(40), event, id].join('  ');
  return `${words}\n${last_error === null ? '' : `          ${last_error.split('\n')[0]}\n`}`;
}

function linesOf(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
