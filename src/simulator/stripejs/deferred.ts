import type { BrowserApi } from './api.ts';
import { readIntent, type Elements } from './elements.ts';
import type { JsError } from './protocol.ts';

/** Options of elements that an intent made later has to agree with, and the intent's field for each. */
const MUST_AGREE = { amount: 'amount', currency: 'currency', captureMethod: 'capture_method' } as const;

/**
 * Elements that were made before their intent: they must have been submitted, and show what the intent
 * charges. Returns what is wrong, or undefined.
 */
export async function checkDeferred(
  api: BrowserApi,
  elements: Elements,
  secret: string,
): Promise<JsError | undefined> {
  const { options, submitted } = elements;
  if (options.clientSecret !== undefined) return undefined;
  if (!submitted)
    throw new Error(
      'IntegrationError: elements.submit() must be called before stripe.confirmPayment(). Call it as soon ' +
        'as your customer presses pay, before any asynchronous work.',
    );
  const intent = await readIntent(api, secret);
  for (const [option, field] of Object.entries(MUST_AGREE)) {
    const [shown, charged] = [options[option], intent?.[field]];
    if (shown === undefined || charged === undefined || shown === charged) continue;
    const message =
      `The intent's ${field} (${JSON.stringify(charged)}) does not match the ${option} of elements() ` +
      `(${JSON.stringify(shown)}): the customer would pay something else than was shown.`;
    return { type: 'invalid_request_error', message };
  }
  return undefined;
}
