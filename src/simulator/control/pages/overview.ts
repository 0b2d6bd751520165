import { html } from '../../pages/html.ts';
import type { Control } from '../control-call.ts';
import { countKinds } from '../objects.ts';
import { eventRows } from './events.ts';
import { facts, list, row } from './parts.ts';
import { requestRows } from './requests.ts';
import type { View } from './shell.ts';

const LATEST = 6;
const KINDS = 12;

/** What is going on, and how to get at it. */
export function overview(control: Control): View {
  const { engine } = control;
  const kinds = countKinds(engine.store);
  const faults = engine.faults.list().length;
  const body = html`<div class="columns">
      <section class="box">
        <h2>How to reach it</h2>
        ${facts([
          ['Address', html`<code>${engine.settings.url}</code>`],
          ['Secret key', html`<code>sk_test_anything</code>`],
          ['Publishable key', html`<code>pk_test_anything</code>`],
          ['Account', html`<code>${engine.settings.account}</code>`],
          ['API version', engine.settings.apiVersion],
          ['Stripe.js', html`<code>${engine.settings.url}/endive/stripe.js</code>`],
          ['Faults', html`<a href="/_sim/faults">${faults === 0 ? 'none set' : `${faults} set`}</a>`],
        ])}
      </section>
      <section class="box">
        <h2>What is stored</h2>
        ${list(
          kinds
            .slice(0, KINDS)
            .map(([kind, count]) => row(null, kind, String(count), `/_sim/objects?kind=${kind}`)),
          { title: 'Nothing yet.', advice: 'Objects appear here as soon as somebody calls the API.' },
        )}
      </section>
    </div>
    <section class="box">
      <h2>Latest requests</h2>
      ${requestRows(control.requests.list(LATEST))}
    </section>
    <section class="box">
      <h2>Latest events</h2>
      ${eventRows(control, LATEST)}
    </section>`;
  return { title: 'Overview', body };
}
