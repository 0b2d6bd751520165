import { appOf } from '../../connect/apps/app.ts';
import { html, type Html } from '../../pages/html.ts';
import { listInstalls, type InstallView } from '../apps.ts';
import type { Control } from '../control-call.ts';
import { act, choiceField, facts, moment, tag, textField } from './parts.ts';
import type { View } from './shell.ts';

const BACK = '/_sim/apps';

const MODES = [
  ['test', 'Test mode'],
  ['live', 'Live mode'],
  ['test,live', 'Both'],
] as const;

/** The Stripe App under test: its secret, where it is installed, and what it may do there. */
export function appsView({ engine }: Control): View {
  const installs = listInstalls(engine);
  const body = html`<p class="lead">
      A Stripe App of yours: what its extension’s requests are signed with, and the accounts that have it
      installed. Installing and uninstalling here is what an owner does in the Dashboard.
    </p>
    <div class="columns">${secretBox(engine)} ${installBox()}</div>
    <h2>Installs</h2>
    ${installs.map(installView)}
    ${
      installs.length === 0 &&
      html`<div class="empty">
        <strong>Installed nowhere yet.</strong>
        Install it above, on the page of OAuth, or with <code>POST /v1/apps/installs</code>.
      </div>`
    }`;
  return { title: 'Apps', body };
}

function secretBox(engine: Control['engine']): Html {
  const { id, secrets } = appOf(engine);
  const now = engine.clock.seconds();
  const until = (ends: number | null): string => (ends === null ? '' : ` until ${moment(ends * 1000)}`);
  const valid = secrets.filter(({ expires_at: ends }) => ends === null || ends > now);
  return html`<section class="box">
    <h2>The app</h2>
    ${facts([
      ['Id', html`<code>${id}</code>`],
      [
        'Signing secret',
        html`${valid.map(
          ({ secret, expires_at: ends }) => html`<div><code>${secret}</code>${until(ends)}</div>`,
        )}`,
      ],
    ])}
    <div class="acts">
      ${act({
        label: 'Roll the secret',
        route: 'POST app_secret/roll',
        back: BACK,
        done: 'The app has a new secret; the old one signs beside it until it ends.',
        fields: [textField('expires_in_seconds:number', 'Old one ends after (seconds)', '', '86400')],
      })}
    </div>
  </section>`;
}

function installBox(): Html {
  return html`<section class="box">
    <h2>Install it</h2>
    ${act({
      label: 'Install',
      route: 'POST apps/installs',
      back: BACK,
      done: 'The app is installed.',
      fields: [
        textField('account', 'Account', '', 'a new one'),
        choiceField('modes', 'Where', MODES),
        textField('permissions', 'Permissions', '', 'everything'),
      ],
    })}
    <p class="hint">
      Permissions are those of the manifest, with commas: <code>customer_read, secret_write</code>.
    </p>
  </section>`;
}

function installView(install: InstallView): Html {
  const { id, account, livemode, permissions_granted: granted, permissions_pending: pending } = install;
  return html`<section class="box" aria-label="${id}">
    <h2>${install.app} ${livemode ? tag('live', 'good') : tag('test')}</h2>
    ${facts([
      ['Install', html`<a href="/_sim/objects/${id}"><code>${id}</code></a>`],
      ['Account', html`<a href="/_sim/objects/${account}"><code>${account}</code></a>`],
      ['Channel', install.channel],
      ['Granted', install.everything_granted ? 'everything' : granted.join(', ') || 'nothing'],
      ...(pending.length > 0 ? [['Not yet granted', pending.join(', ')] as const] : []),
    ])}
    <div class="acts">
      ${act({
        label: 'Change permissions',
        route: `POST apps/installs/${id}/permissions`,
        back: BACK,
        done: 'The permissions were changed.',
        fields: [
          // Left empty it goes on as it is: everything, and not nothing.
          textField(
            install.everything_granted ? 'granted' : 'granted:words',
            'Granted',
            granted.join(', '),
            'customer_read, …',
          ),
          textField('pending:words', 'Not yet granted', pending.join(', '), 'customer_write, …'),
        ],
      })}
    </div>
    <div class="acts">${pending.length > 0 && grant(install)} ${uninstall(id)}</div>
  </section>`;
}

/** What the owner does who agrees to all that a newer version of the app asks for. */
function grant({ id, permissions_granted: granted, permissions_pending: pending }: InstallView): Html {
  return act({
    label: 'Grant all',
    route: `POST apps/installs/${id}/permissions`,
    back: BACK,
    done: 'Everything that was asked for is granted.',
    values: { 'granted:words': [...granted, ...pending].join(', '), 'pending:words': '' },
  });
}

function uninstall(id: string): Html {
  return act({
    label: 'Uninstall',
    route: `POST apps/installs/${id}/uninstall`,
    back: BACK,
    done: 'The app was uninstalled.',
    look: 'danger',
  });
}
