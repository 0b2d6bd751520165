import { html, type Html } from '../../pages/html.ts';

/** An id as a whole JSON text: a prefix of Stripe's, then letters and digits; secrets have another form. */
const ID = /(?<=")((?!whsec_|tok_)[a-z]+(?:_[a-z]+)*_[A-Za-z0-9]{14,})(?=")/;

/** A button that does something, by a route of the control API. */
export interface Act {
  label: string;
  /** For example `POST charges/ch_123/dispute`. */
  route: string;
  /** The page to come back to, below `/_sim`. */
  back: string;
  /** What to say when it is done. */
  done: string;
  /** What else is sent; a name may end in `:number` or `:words`. */
  values?: Readonly<Record<string, string | number>>;
  /** Inputs in front of the button. */
  fields?: Html[];
  look?: 'quiet' | 'danger' | 'small quiet';
}

/** A form that carries out one act; works without a script. */
export function act({ label, route, back, done, values = {}, fields = [], look = 'quiet' }: Act): Html {
  const sent = { route, back, done, ...values };
  return html`<form method="post" action="/_sim/do" class="line">
    ${Object.entries(sent).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    ${fields}
    <button type="submit" class="button ${look}">${label}</button>
  </form>`;
}

/** An input inside its label, since a page may hold several of the same name. */
export function textField(name: string, label: string, value = '', hint = ''): Html {
  const numeric = name.endsWith(':number') && html`inputmode="decimal"`;
  return html`<label class="field">
    <span>${label}</span>
    <input name="${name}" value="${value}" placeholder="${hint}" ${numeric} autocomplete="off" />
  </label>`;
}

/** A choice inside its label. */
export function choiceField(
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
): Html {
  return html`<label class="field">
    <span>${label}</span>
    <select name="${name}">
      ${options.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select>
  </label>`;
}

/** One line of a list: a tag, what it is about, and what is said at its end. */
export function row(tag: Html | null, what: Html | string, side: Html | string, href?: string): Html {
  const inside = html`${tag} <span class="what">${what}</span> <span class="side">${side}</span>`;
  return html`<li>
    ${href === undefined ? html`<div>${inside}</div>` : html`<a href="${href}">${inside}</a>`}
  </li>`;
}

/** A list, or what to do so that there is one. */
export function list(rows: Html[], nothing: { title: string; advice: Html | string }): Html {
  if (rows.length > 0)
    return html`<ul class="rows">
      ${rows}
    </ul>`;
  return html`<div class="empty"><strong>${nothing.title}</strong>${nothing.advice}</div>`;
}

export function tag(text: string, look: 'good' | 'bad' | 'wait' | '' = ''): Html {
  return html`<span class="tag ${look}">${text}</span>`;
}

/** Names and values under each other. */
export function facts(pairs: readonly (readonly [name: string, value: Html | string])[]): Html {
  return html`<dl class="facts">
    ${pairs.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** A value as JSON, whose ids lead to the objects and requests that they name. */
export function json(value: unknown, label: string): Html {
  const parts = JSON.stringify(value, null, 2).split(ID);
  const linked = parts.map((part, index) => (index % 2 === 0 ? html`${part}` : idLink(part)));
  return html`<pre class="json" tabindex="0" aria-label="${label}">${linked}</pre>`;
}

function idLink(id: string): Html {
  const place = id.startsWith('req_') ? 'requests' : 'objects';
  return html`<a href="/_sim/${place}/${id}">${id}</a>`;
}

/** A moment in milliseconds, as `2026-11-21 09:30:05` in UTC. */
export function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
