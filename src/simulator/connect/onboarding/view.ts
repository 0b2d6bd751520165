import type Stripe from 'stripe';
import { html, type Html } from '../../pages/html.ts';
import { page } from '../../pages/layout.ts';
import type { WebAnswer } from '../../server/http.ts';
import type { Pass } from './links.ts';
import { TITLES, type Question, type StepName } from './questions.ts';

/** What a form shows besides its questions. */
export interface Filled {
  values: ReadonlyMap<string, string>;
  errors: ReadonlyMap<string, string>;
  alert: string | null;
}

/** The first page: a phone number, and the code that is sent to it. */
export function signIn(pass: Pass, account: Stripe.Account, alert: string | null): WebAnswer {
  const body = html`<p>
      The platform works with Stripe. To be paid, verify your phone; in test mode nothing is sent and the code
      is <code>000-000</code>.
    </p>
    ${warning(alert)}
    <form method="post">
      ${input({ name: 'email', label: 'Email', test: '', type: 'email' }, account.email ?? '', undefined)}
      ${input({ name: 'phone', label: 'Mobile number', test: '', type: 'tel' }, '0000000000', undefined)}
      ${input({ name: 'code', label: 'Verification code', test: '' }, '', undefined)}
      <button class="button" type="submit">Continue</button>
      <button class="button quiet" type="submit" name="use_code" value="000000" id="use-test-code">
        Use test code
      </button>
    </form>`;
  return framed(pass, 'Get paid', body, alert === null ? 200 : 422);
}

/** One page of questions. */
export function form(
  pass: Pass,
  step: StepName,
  questions: readonly Question[],
  { values, errors, alert }: Filled,
  status = 200,
): WebAnswer {
  const body = html`${warning(alert)}
    <form method="post">
      <input type="hidden" name="step" value="${step}" />
      ${questions.map((each) => input(each, values.get(each.name) ?? '', errors.get(each.name)))}
      <button class="button" type="submit">Continue</button>
      <button class="button quiet" type="submit" name="fill" value="1" id="use-test-data" formnovalidate>
        Use test data
      </button>
    </form>`;
  return framed(pass, TITLES[step], body, status);
}

/** The last page: agree, and go back. */
export function review(pass: Pass, { business_type: type, country, email }: Stripe.Account): WebAnswer {
  const lines = [
    ['Type of business', type],
    ['Country', country],
    ['Email', email],
  ].filter(([, value]) => value);
  const body = html`<dl class="sums">
      ${lines.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <form method="post">
      <input type="hidden" name="step" value="review" />
      <p>By submitting you agree to the terms of service of this stand-in, which are none.</p>
      <button class="button" type="submit">Agree and submit</button>
    </form>`;
  return framed(pass, 'Review and submit', body);
}

function framed(pass: Pass, title: string, inside: Html, status = 200): WebAnswer {
  const body = html`<main class="notice onboarding">
      <p class="badge">Test onboarding</p>
      <h1>${title}</h1>
      ${inside}
      <p class="hints"><a href="${pass.returnUrl}">Return to the platform</a> and finish later.</p>
    </main>
    <footer>A local stand-in for Stripe’s onboarding. Nothing leaves this machine.</footer>`;
  return page({ title, body, status });
}

type Asking = Omit<Question, 'type'> & { type?: Question['type'] | 'text' };

function warning(alert: string | null): Html | null {
  return alert === null ? null : html`<div class="alert" role="alert"><p>${alert}</p></div>`;
}

function input({ name, label, type = 'text', choices }: Asking, value: string, error?: string): Html {
  const described = html`aria-describedby="${name}-error"
  aria-invalid="${error === undefined ? 'false' : 'true'}"`;
  const control = choices
    ? html`<select id="${name}" name="${name}" ${described}>
        ${choices.map(
          ([choice, text]) =>
            html`<option value="${choice}" ${choice === value && html`selected`}>${text}</option>`,
        )}
      </select>`
    : html`<input
        id="${name}"
        name="${name}"
        type="${type}"
        value="${value}"
        autocomplete="off"
        ${described}
      />`;
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${control}
    <p class="error" id="${name}-error">${error}</p>
  </div>`;
}
