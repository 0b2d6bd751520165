import { formatMoney } from '../../../money.ts';
import { html, type Html } from '../../pages/html.ts';
import { listAccounts, type AccountView } from '../accounts.ts';
import type { Control } from '../control-call.ts';
import { act, choiceField, facts, tag } from './parts.ts';
import type { View } from './shell.ts';

const RESTRICTIONS = [
  ['charges', 'Block charges'],
  ['payouts', 'Block payouts'],
  ['requirements', 'Ask for more by a deadline'],
] as const;

/** The platform and its connected accounts: what they may do, what they have, and what can happen to them. */
export function accountsView({ engine }: Control): View {
  const accounts = listAccounts(engine);
  const body = html`<p class="lead">
      The platform and the accounts connected to it, with their balances. Onboarding here answers every
      question with test data that passes.
    </p>
    ${accounts.map(accountBox)}
    ${
      accounts.every(({ platform }) => platform) &&
      html`<div class="empty">
        <strong>No connected accounts yet.</strong>
        Create one with <code>POST /v1/accounts</code> or <code>POST /v2/core/accounts</code>.
      </div>`
    }`;
  return { title: 'Accounts', body };
}

/** The buttons of one connected account. */
export function accountActs(id: string, back: string): Html {
  return html`${act({
    label: 'Onboard',
    route: `POST accounts/${id}/onboard`,
    back,
    done: `${id} has answered everything it was asked.`,
  })}
  ${act({
    label: 'Restrict',
    route: `POST accounts/${id}/restrict`,
    back,
    done: `${id} was restricted.`,
    fields: [choiceField('what', 'How', RESTRICTIONS)],
  })}
  ${payOutAct(id, back)}`;
}

function accountBox(account: AccountView): Html {
  const { id, livemode, platform, disabled_reason: reason, currently_due: due } = account;
  return html`<section class="box" aria-label="${id}">
    <h2>${platform ? 'Platform' : 'Connected account'}${livemode && ' in live mode'}</h2>
    ${facts([
      [
        'Id',
        platform ? html`<code>${id}</code>` : html`<a href="/_sim/objects/${id}"><code>${id}</code></a>`,
      ],
      ['Charges', enabled(account.charges_enabled)],
      ['Payouts', enabled(account.payouts_enabled)],
      ['Balance', balances(account)],
      ...(reason === null ? [] : [['Why not', html`<code>${reason}</code>`] as const]),
      ...(due.length === 0 ? [] : [['Asked for', due.join(', ')] as const]),
    ])}
    <div class="acts">${platform ? payOutAct(id, '/_sim/accounts') : accountActs(id, '/_sim/accounts')}</div>
  </section>`;
}

function payOutAct(id: string, back: string): Html {
  return act({
    label: 'Pay out',
    route: `POST accounts/${id}/payout`,
    back,
    done: `A payout of all that ${id} has available is on its way to the bank.`,
  });
}

function balances({ balance }: AccountView): Html {
  if (balance.length === 0) return html`nothing yet`;
  return html`${balance.map(({ currency, available, pending }) => {
    const money = (value: number): string => formatMoney({ value, currency });
    return html`<div>${money(available)} available, ${money(pending)} pending</div>`;
  })}`;
}

function enabled(on: boolean): Html {
  return on ? tag('enabled', 'good') : tag('disabled', 'bad');
}
