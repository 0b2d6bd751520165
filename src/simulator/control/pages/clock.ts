import { html } from '../../pages/html.ts';
import type { Control } from '../control-call.ts';
import { act, facts, moment, textField } from './parts.ts';
import type { View } from './shell.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

const STEPS: readonly (readonly [label: string, seconds: number])[] = [
  ['1 hour', HOUR],
  ['1 day', DAY],
  ['3 days', 3 * DAY],
  ['1 week', 7 * DAY],
  ['31 days', 31 * DAY],
  ['1 year', 366 * DAY],
];

/** What time it is here, and buttons to move it on. */
export function clockView({ engine }: Control): View {
  const { clock, tasks } = engine;
  const move = (label: string, seconds: number) =>
    act({
      label,
      route: 'POST clock',
      back: '/_sim/clock',
      done: `The clock was moved on by ${label}; what fell due on the way was done.`,
      values: { 'advance_seconds:number': seconds },
    });
  const body = html`<p class="lead">
      Everything here lives by this clock: retries, expiries, bank debits, payouts, subscriptions. It can be
      moved forward, never back.
    </p>
    <section class="box">
      ${facts([
        ['Now', `${moment(clock.now())} UTC`],
        ['Ahead of the computer', `${Math.round(clock.offset / 1000).toLocaleString('en')} s`],
        ['Next planned', tasks.next === undefined ? 'nothing' : `${moment(tasks.next)} UTC`],
      ])}
    </section>
    <section class="box">
      <h2>Move it on by</h2>
      <div class="acts">${STEPS.map(([label, seconds]) => move(label, seconds))}</div>
      ${act({
        label: 'Move on',
        route: 'POST clock',
        back: '/_sim/clock',
        done: 'The clock was moved on; what fell due on the way was done.',
        fields: [textField('advance_seconds:number', 'Seconds', '', '90')],
      })}
    </section>`;
  return { title: 'Clock', body };
}
