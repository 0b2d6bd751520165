import type { Fault } from '../../faults/faults.ts';
import { html, type Html } from '../../pages/html.ts';
import type { Control } from '../control-call.ts';
import { act, choiceField, list, row, tag, textField } from './parts.ts';
import type { View } from './shell.ts';

const BACK = '/_sim/faults';

/** What is asked for of each kind beside how often, how likely and where; with what it does. */
const API: readonly (readonly [kind: string, label: string])[] = [
  ['api_error', 'Answer with a 5xx'],
  ['rate_limit', 'Answer with a 429'],
  ['slow', 'Answer late'],
  ['reset_before', 'Cut the connection before the work'],
  ['reset_after', 'Cut the connection after the work'],
];
const DELIVERIES: readonly (readonly [kind: string, label: string])[] = [
  ['drop', 'Never deliver'],
  ['duplicate', 'Deliver twice'],
  ['delay', 'Deliver late'],
  ['reorder', 'Deliver in another order'],
];

/** What is set to go wrong, and forms to set more. */
export function faultsView({ engine }: Control): View {
  const faults = engine.faults.list();
  const rows = faults.map((fault) => row(tag(fault.kind, 'wait'), sentence(fault), removal(fault.id)));
  const body = html`<p class="lead">
      Things that go wrong on purpose. Which ones a probability strikes is decided by the seed, so that the
      same run can be had again.
    </p>
    ${list(rows, { title: 'Nothing is set to go wrong.', advice: 'Set a fault below.' })}
    ${
      faults.length > 1 &&
      html`<div class="acts">
        ${act({ label: 'Remove all', route: 'DELETE faults', back: BACK, done: 'All faults were removed.' })}
      </div>`
    }
    <div class="columns">
      ${kindForm('Calls of the API', API, 'Which calls', 'POST /v1/refunds', [
        textField('status:number', 'Status of the 5xx', '', '500'),
        textField('ms:number', 'Late by (ms)', '', '1000'),
      ])}
      ${kindForm('Events', DELIVERIES, 'Which types', 'invoice', [
        textField('seconds:number', 'Late by (seconds)', '', '60'),
      ])}
    </div>
    <div class="columns">
      <section class="box">
        <h2>Payments</h2>
        ${act({
          label: 'Decline the next',
          route: 'POST faults',
          back: BACK,
          done: 'The next payment will be declined.',
          values: { kind: 'decline', 'times:number': 1 },
          fields: [textField('decline_code', 'Decline code', '', 'insufficient_funds')],
        })}
      </section>
      <section class="box">
        <h2>Seed</h2>
        ${act({
          label: 'Start anew',
          route: 'POST faults/seed',
          back: BACK,
          done: 'From now on this seed decides.',
          fields: [textField('seed', 'Seed', '', 'any text')],
        })}
      </section>
    </div>`;
  return { title: 'Faults', body };
}

function kindForm(
  title: string,
  kinds: readonly (readonly [string, string])[],
  where: string,
  example: string,
  more: Html[],
): Html {
  return html`<section class="box">
    <h2>${title}</h2>
    ${act({
      label: 'Set',
      route: 'POST faults',
      back: BACK,
      done: 'The fault is set.',
      fields: [
        choiceField('kind', 'What', kinds),
        textField('match', where, '', 'all'),
        textField('times:number', 'How often', '', 'until removed'),
        textField('probability:number', 'How likely (0 to 1)', '', '1'),
        ...more,
      ],
    })}
    <p class="hint">${where} takes any part of a name, such as <code>${example}</code>.</p>
  </section>`;
}

/** A fault in words. */
function sentence({ match, times, probability, status, ms, seconds, decline_code: code }: Fault): string {
  const parts = [
    match === undefined ? 'everywhere' : `where “${match}” occurs`,
    times === undefined ? 'until removed' : times === 1 ? 'once' : `${times} times`,
    ...(probability === undefined ? [] : [`with a probability of ${probability}`]),
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(ms === undefined ? [] : [`${ms} ms`]),
    ...(seconds === undefined ? [] : [`${seconds} s`]),
    ...(code === undefined ? [] : [code]),
  ];
  return parts.join(', ');
}

function removal(id: string): Html {
  const route = `DELETE faults/${id}`;
  return act({ label: 'Remove', route, back: BACK, done: 'The fault was removed.', look: 'small quiet' });
}
