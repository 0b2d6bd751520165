import type { Delivery } from '../../events/deliveries.ts';
import { html, type Html } from '../../pages/html.ts';
import type { Control } from '../control-call.ts';
import { describeEvent, latestEvents, type EventView } from '../events.ts';
import { act, facts, json, list, moment, row, tag } from './parts.ts';
import type { View } from './shell.ts';

const SHOWN = 100;

/** The latest events of every account and mode. */
export function eventsView(control: Control): View {
  const body = html`<p class="lead">
      The latest ${SHOWN} events, newest first, with what became of them at each webhook endpoint.
    </p>
    ${eventRows(control, SHOWN)}`;
  return { title: 'Events', body };
}

/** One event: its payload, each try to deliver it, and a button to send it again. */
export function eventView(control: Control): View {
  const [id = ''] = control.ids;
  const { account, livemode, event, deliveries } = describeEvent(control, id);
  const back = `/_sim/events/${id}`;
  const resend = (label: string, endpoint?: string): Html =>
    act({
      label,
      route: `POST events/${id}/resend`,
      back,
      done: 'Sent again; what came back stands below.',
      ...(endpoint !== undefined && { values: { endpoint } }),
    });
  const body = html`<section class="box">
      ${facts([
        ['Id', html`<code>${id}</code>`],
        ['Account', `${account}, ${livemode ? 'live' : 'test'} mode`],
        ['API version', (event['api_version'] as string | undefined) ?? 'none: a thin event'],
        ['Object', objectLink(event)],
      ])}
    </section>
    <h2>Deliveries</h2>
    ${deliveries.length > 1 && html`<div class="acts">${resend('Send again to all')}</div>`}
    ${
      deliveries.length > 0
        ? deliveries.map((each) => deliveryBox(each, resend('Send again', each.endpoint)))
        : html`<div class="empty">
            <strong>Nobody was listening.</strong>
            No webhook endpoint asked for this type when it happened. Make one in
            <a href="/_sim/state">State</a>, or run <code>stripe listen</code>.
          </div>`
    }
    <h2>Payload</h2>
    ${json(event, 'Payload')}`;
  return { title: String(event['type']), body };
}

export function eventRows(control: Control, limit: number): Html {
  const rows = latestEvents(control, limit).map(({ event, deliveries }) =>
    row(
      deliveriesTag(deliveries),
      String(event['type']),
      moment(createdMs(event['created'])),
      `/_sim/events/${String(event['id'])}`,
    ),
  );
  return list(rows, {
    title: 'No events yet.',
    advice: 'Whatever changes an object makes one: create a customer, or pay something.',
  });
}

function deliveryBox(delivery: Delivery, again: Html): Html {
  const tries = delivery.attempts.map((attempt) =>
    row(
      tag(attempt.status === null ? 'no answer' : String(attempt.status), answered(attempt.status)),
      attempt.error ?? attempt.forward_url ?? '',
      `${moment(attempt.at * 1000)} · ${attempt.ms} ms`,
    ),
  );
  return html`<section class="box">
    <div class="acts">
      ${deliveriesTag([delivery])} <code>${delivery.endpoint}</code>
      ${delivery.dropped && tag('dropped by a fault', 'wait')}
    </div>
    ${list(tries, { title: 'Not tried yet.', advice: 'It waits for its time on the clock.' })}
    <div class="acts">${again}</div>
  </section>`;
}

function deliveriesTag(deliveries: readonly Delivery[]): Html {
  const states = deliveries.map(({ state }) => state);
  if (states.length === 0) return tag('unheard');
  if (states.every((state) => state === 'delivered')) return tag('delivered', 'good');
  return states.includes('failed') ? tag('failed', 'bad') : tag('pending', 'wait');
}

function answered(status: number | null): 'good' | 'bad' {
  return status !== null && status >= 200 && status < 300 ? 'good' : 'bad';
}

/** The object that an event is about, whole in a snapshot and by its id in a thin event. */
function objectLink(event: EventView['event']): Html {
  const { object } = (event['data'] ?? {}) as { object?: { id?: string } };
  const related = event['related_object'] as { id?: string } | undefined;
  const id = object?.id ?? related?.id;
  return id === undefined ? html`none` : html`<a href="/_sim/objects/${id}"><code>${id}</code></a>`;
}

/** Snapshots say when in Unix seconds, thin events in ISO 8601. */
function createdMs(created: unknown): number {
  return typeof created === 'number' ? created * 1000 : Date.parse(String(created));
}
