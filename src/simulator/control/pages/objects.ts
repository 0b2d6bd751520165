import { html, type Html } from '../../pages/html.ts';
import type { Row } from '../../store/store.ts';
import type { Control } from '../control-call.ts';
import { countKinds, findObject, listObjects } from '../objects.ts';
import { accountActs } from './accounts.ts';
import { act, choiceField, facts, json, list, moment, row, tag } from './parts.ts';
import type { View } from './shell.ts';

/** The kinds that there are, or the latest objects of the one that is chosen. */
export function objectsView(control: Control): View {
  const kind = control.query.get('kind');
  if (kind !== null) {
    const rows = listObjects(control).map(objectRow);
    const advice = 'It may have been deleted, or the state reset.';
    const body = html`<p class="lead"><a href="/_sim/objects">All kinds</a></p>
      ${list(rows, { title: `No ${kind} is stored.`, advice })}`;
    return { title: kind, body };
  }
  const kinds = countKinds(control.engine.store).map(([name, count]) =>
    row(null, name, String(count), `/_sim/objects?kind=${encodeURIComponent(name)}`),
  );
  const body = list(kinds, {
    title: 'Nothing is stored yet.',
    advice: 'Objects appear here as soon as somebody calls the API.',
  });
  return { title: 'Objects', body };
}

/** One object, as it is now, with what can be done to it. */
export function objectView(control: Control): View {
  const [id = ''] = control.ids;
  const found = findObject(control, id);
  const { kind, account, livemode, object } = found;
  const body = html`<section class="box">
      ${facts([
        ['Kind', html`<a href="/_sim/objects?kind=${kind}">${kind}</a>`],
        ['Account', `${account}, ${livemode ? 'live' : 'test'} mode`],
      ])}
    </section>
    ${actsFor(found)} ${json(object, 'Object')}`;
  return { title: id, body };
}

function objectRow({ id, object, livemode }: Row): Html {
  const status = object['status'];
  const created = object['created'];
  return row(
    typeof status === 'string' ? tag(status) : null,
    html`<code>${id}</code>${livemode && ' live'}`,
    typeof created === 'number' ? moment(created * 1000) : '',
    `/_sim/objects/${encodeURIComponent(id)}`,
  );
}

/** What can happen to an object that no call of the API brings about. */
function actsFor({ kind, id, object }: Row): Html | null {
  if (kind === 'account') return html`<div class="acts">${accountActs(id, `/_sim/objects/${id}`)}</div>`;
  if (kind !== 'charge' || object['disputed'] === true || object['status'] !== 'succeeded') return null;
  const reasons = [
    ['fraudulent', 'Fraudulent'],
    ['product_not_received', 'Product not received'],
    ['inquiry', 'Inquiry'],
  ] as const;
  return html`<section class="box">
    <h2>The buyer’s bank</h2>
    ${act({
      label: 'Open a dispute',
      route: `POST charges/${id}/dispute`,
      back: `/_sim/objects/${id}`,
      done: 'A dispute was opened; its events are on their way.',
      fields: [choiceField('reason', 'Reason', reasons)],
    })}
  </section>`;
}
