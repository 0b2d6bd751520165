import { html, type Html } from '../../pages/html.ts';
import type { Control } from '../control-call.ts';
import { listEndpoints } from '../endpoints.ts';
import { act, list, row, tag, textField } from './parts.ts';
import type { View } from './shell.ts';

interface Endpoint {
  id: string;
  url: string;
  enabled: boolean;
  secrets: { secret: string }[];
}

/** Webhook endpoints with their secrets, and everything at once: taken away as a file, or forgotten. */
export function stateView(control: Control): View {
  const endpoints = listEndpoints(control) as Endpoint[];
  const body = html`<section class="box">
      <h2>Webhook endpoints</h2>
      ${list(endpoints.map(endpointRow), {
        title: 'No webhook endpoint yet.',
        advice: 'Add one here, with the API, or by running stripe listen.',
      })}
      ${act({
        label: 'Add an endpoint',
        route: 'POST webhook_endpoints',
        back: '/_sim/state',
        done: 'The endpoint was added; its secret stands below.',
        fields: [
          textField('url', 'Address', '', 'http://localhost:4000/api/webhook'),
          textField('secret', 'Secret, if you have one', '', 'whsec_…'),
        ],
      })}
    </section>
    <section class="box">
      <h2>Everything that is stored</h2>
      <p class="hint">
        ${control.engine.store.size.toLocaleString('en')} rows, with the simulator’s own notes.
      </p>
      <div class="acts">
        <a class="button quiet" href="/_sim/api/export" download="simulator.json">Export as JSON</a>
      </div>
      <details>
        <summary>Reset…</summary>
        <p class="hint">
          Forgets every object, event, endpoint, request and fault. The clock stays where it is.
        </p>
        <div class="acts">
          ${act({
            label: 'Forget everything',
            route: 'POST reset',
            back: '/_sim/state',
            done: 'Everything was forgotten.',
            look: 'danger',
          })}
        </div>
      </details>
    </section>`;
  return { title: 'State', body };
}

function endpointRow({ id, url, enabled, secrets }: Endpoint): Html {
  return row(
    enabled ? tag('enabled', 'good') : tag('disabled', 'bad'),
    html`${url}<br /><code>${secrets.map(({ secret }) => secret).join(', ')}</code>`,
    html`<code>${id}</code>`,
  );
}
