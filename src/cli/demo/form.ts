/** A form of an HTML page, as a browser without scripts sees it. */
export interface Form {
  action: string;
  fields: Map<string, string>;
  buttons: { name: string; value: string; label: string }[];
}

/** Reads the first form of a page. Throws when there is none: then the page is not what it should be. */
export function readForm(html: string, pageUrl: string): Form {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html);
  if (!form) throw new Error(`the page ${new URL(pageUrl).pathname} holds no form`);
  const [, head = '', inner = ''] = form;
  const fields = new Map<string, string>();
  for (const [tag] of inner.matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(tag, 'name');
    if (name) fields.set(name, attribute(tag, 'value') ?? '');
  }
  for (const [, tag = '', options = ''] of inner.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/gi)) {
    const chosen = /<option\b[^>]*\bselected\b[^>]*>/i.exec(options)?.[0];
    fields.set(attribute(tag, 'name') ?? '', chosen ? (attribute(chosen, 'value') ?? '') : '');
  }
  const buttons = [...inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(
    ([, tag = '', label = '']) => ({
      name: attribute(tag, 'name') ?? '',
      value: attribute(tag, 'value') ?? '',
      label: label.replace(/<[^>]*>/g, '').trim(),
    }),
  );
  return { action: new URL(attribute(head, 'action') ?? '', pageUrl).href, fields, buttons };
}

/** Submits a form and follows no redirect. `fill` must name fields that the form has. */
export async function submitForm(
  form: Form,
  fill: Record<string, string>,
  button?: string,
): Promise<Response> {
  const body = new URLSearchParams([...form.fields]);
  for (const [name, value] of Object.entries(fill)) {
    if (!form.fields.has(name)) throw new Error(`the form has no field "${name}"`);
    body.set(name, value);
  }
  const pressed = form.buttons.find(({ label }) => button !== undefined && label.startsWith(button));
  if (button !== undefined && !pressed) throw new Error(`the form has no button "${button}"`);
  if (pressed?.name) body.set(pressed.name, pressed.value);
  return fetch(form.action, { method: 'POST', body, redirect: 'manual' });
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value === undefined ? null : value.replaceAll('&amp;', '&').replaceAll('&quot;', '"');
}
