import { html, type Html } from '../../pages/html.ts';
import { page } from '../../pages/layout.ts';
import type { WebAnswer } from '../../server/http.ts';
import type { Control } from '../control-call.ts';
import { moment } from './parts.ts';

/** The places of the control page, in the order of its menu. */
const MENU: readonly (readonly [path: string, label: string])[] = [
  ['/_sim', 'Overview'],
  ['/_sim/requests', 'Requests'],
  ['/_sim/events', 'Events'],
  ['/_sim/objects', 'Objects'],
  ['/_sim/accounts', 'Accounts'],
  ['/_sim/apps', 'Apps'],
  ['/_sim/clock', 'Clock'],
  ['/_sim/faults', 'Faults'],
  ['/_sim/state', 'State'],
];

/** What one place shows. */
export interface View {
  title: string;
  body: Html;
  status?: number;
}

/** The page around a view: where you are, what time it is here, and what the last act came to. */
export function shell({ engine, query }: Control, path: string, { title, body, status }: View): WebAnswer {
  const [, place = ''] = /^\/_sim\/([^/]+)/.exec(path) ?? [];
  const here = place === '' ? '/_sim' : `/_sim/${place}`;
  const [done, problem] = [query.get('done'), query.get('problem')];
  const whole = html`<div class="control">
    <header class="top">
      <div>
        <a class="name" href="/_sim">Local Stripe</a>
        <span class="time">${moment(engine.clock.now())} UTC${ahead(engine.clock.offset)}</span>
      </div>
      <nav aria-label="Places">
        <ul>
          ${MENU.map(([href, label]) => item(href, label, href === here))}
        </ul>
      </nav>
    </header>
    <main>
      ${done !== null && html`<p class="said done" role="status">${done}</p>`}
      ${problem !== null && html`<p class="said problem" role="alert">${problem}</p>`}
      <h1>${title}</h1>
      ${body}
    </main>
  </div>`;
  const frame = { title: `${title} · Local Stripe`, body: whole, styles: ['control.css'], ownForms: true };
  return page({ ...frame, ...(status !== undefined && { status }) });
}

function item(href: string, label: string, current: boolean): Html {
  return html`<li><a href="${href}" ${current && html`aria-current="page"`}>${label}</a></li>`;
}

/** How far the clock was moved, in the largest unit that says something. */
function ahead(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  if (hours === 0) return '';
  return hours < 48 ? `, ${hours} h ahead` : `, ${Math.round(hours / 24)} days ahead`;
}
