import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import type { Caller } from '../http/caller.ts';
import { redact } from '../log.ts';
import { changesOf, eventsAbout, paymentObjects, type About } from './changed-rows.ts';
import type { GET_EVENT } from './operations.ts';
import { eventRows, isRemoved, type EventDetail } from './rows.ts';

// On each side of the event.
const RELATED_MAX = 50;
const IDS_MAX = 200;
// Stripe's objects of one payment, and ours. A customer's would be the events of years.
const PAYMENT_ID = /^(?:pi|ch|py|cs|re|pyr|dp|du|tr|trr|in|issfr|po|acct|ord)_\w{1,250}$/;

/**
 * All that the API tells of an event. Its payload is parsed when it is JSON, and else the bytes that were
 * signed; one whose body was removed says so. A program with the API key gets it as it came, since it could
 * do as much with Stripe's key; who looks at it in the console gets it without secrets.
 */
export async function describeEvent(
  { sql }: Pick<Database, 'sql'>,
  detail: EventDetail,
  caller: Pick<Caller, 'kind'>,
): Promise<z.input<typeof GET_EVENT.answer>> {
  const shown = withPayload(caller.kind === 'operator' ? masked(detail) : detail);
  const about = aboutOf(detail, shown.payload);
  const changed = await changesOf(sql, about);
  const orders = changed.map(({ order_id }) => order_id).filter((id) => id !== null);
  const objects = [
    ...about.ids.filter((id) => !id.startsWith('acct_')),
    ...(await paymentObjects(sql, orders)),
  ];
  if (detail.object_id) objects.push(detail.object_id);
  const seqs = await eventsAbout(sql, { ...about, ids: [...new Set(objects)] }, detail.seq, RELATED_MAX);
  return { ...shown, changed, related: await eventRows(sql, seqs) };
}

/** The event with its payload instead of its bytes. */
export function withPayload<Detail extends EventDetail>(
  detail: Detail,
): Omit<Detail, 'body'> & { payload: Record<string, unknown> | null; body_base64?: string; removed?: true } {
  const { body, ...event } = detail;
  if (isRemoved(detail)) return { ...event, payload: null, removed: true };
  const payload =
    event.kind === 'unreadable' ? null : (JSON.parse(body.toString('utf8')) as Record<string, unknown>);
  return { ...event, payload, ...(payload === null ? { body_base64: body.toString('base64') } : {}) };
}

const MASK = '[redacted]';
const SECRET_FIELD = /secret|token|password|authorization|api_key/i;

// Byte for byte where it is no JSON, so that what is strange about it is still to be seen.
function masked(detail: EventDetail): EventDetail {
  const failures = detail.failures.map((failure) => ({ ...failure, error: redact(failure.error) }));
  const readable = detail.kind !== 'unreadable' && !isRemoved(detail);
  const body = readable
    ? Buffer.from(JSON.stringify(JSON.parse(detail.body.toString('utf8')), maskField))
    : Buffer.from(redact(detail.body.toString('latin1')), 'latin1');
  return { ...detail, failures, body };
}

function maskField(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return SECRET_FIELD.test(name) ? MASK : redact(value);
}

function aboutOf({ account, livemode, object_id }: EventDetail, payload: unknown): About {
  const ids = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string' && ids.size < IDS_MAX && PAYMENT_ID.test(value)) ids.add(value);
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  if (object_id) ids.add(object_id);
  collect(payload);
  return { account: account ?? '', livemode, ids: [...ids] };
}
