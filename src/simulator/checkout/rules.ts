import type { Params } from '../contract/validate.ts';
import { badParameter, missingParameter } from '../server/errors.ts';

/** docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at */
const EXPIRES_SECONDS_MIN = 30 * 60;
export const EXPIRES_SECONDS_MAX = 24 * 3600;

const NOT_FOR_ELEMENTS = [
  'custom_fields',
  'custom_text',
  'submit_type',
  'after_expiration',
  'branding_settings',
  'origin_context',
  'optional_items',
];

const ONLY_IN_MODE: Readonly<Record<string, string>> = {
  payment_intent_data: 'payment',
  invoice_creation: 'payment',
  submit_type: 'payment',
  subscription_data: 'subscription',
  setup_intent_data: 'setup',
};

/** The names that `ui_mode` had before 2026-03-25.dahlia. */
const OLD_UI_MODES: Readonly<Record<string, string>> = {
  hosted: 'hosted_page',
  embedded: 'embedded_page',
  custom: 'elements',
};

/** Where the buyer is to pay, in today's words. */
export function uiModeOf(params: Params): string {
  const given = (params['ui_mode'] as string | undefined) ?? 'hosted_page';
  return OLD_UI_MODES[given] ?? given;
}

/** Refuses combinations of parameters that Stripe refuses; each parameter by itself was checked before. */
export function checkSession(params: Params, now: number): void {
  const mode = params['mode'] as string | undefined;
  if (mode === undefined) throw missingParameter('mode');
  checkUrls(params, uiModeOf(params));
  for (const [name, only] of Object.entries(ONLY_IN_MODE))
    if (params[name] !== undefined && mode !== only)
      throw badParameter(`You can not pass \`${name}\` in \`${mode}\` mode.`, { param: name });
  if (mode === 'setup' && params['line_items'] !== undefined)
    throw badParameter('You can not pass `line_items` in `setup` mode.', { param: 'line_items' });
  if (mode === 'setup' && params['currency'] === undefined && params['payment_method_types'] === undefined)
    throw missingParameter('currency');
  if (mode !== 'setup' && params['line_items'] === undefined) throw missingParameter('line_items');
  checkCustomer(params, mode);
  checkExpiry(params['expires_at'] as number | undefined, now);
}

function checkUrls(params: Params, uiMode: string): void {
  const own = uiMode === 'hosted_page';
  const elements = uiMode === 'elements';
  const has = (name: string): boolean => params[name] !== undefined;
  if (own) {
    if (has('return_url')) throw notAllowed('return_url', uiMode);
    if (has('redirect_on_completion')) throw notAllowed('redirect_on_completion', uiMode);
    if (!has('success_url')) throw missingParameter('success_url');
    for (const name of ['success_url', 'cancel_url']) checkUrl(params[name] as string | undefined, name);
    return;
  }
  for (const name of ['success_url', 'cancel_url']) if (has(name)) throw notAllowed(name, uiMode);
  if (elements) for (const name of NOT_FOR_ELEMENTS) if (has(name)) throw notAllowed(name, uiMode);
  const stays = params['redirect_on_completion'] === 'never';
  if (!elements && !stays && !has('return_url')) throw missingParameter('return_url');
  if (stays && has('return_url'))
    throw badParameter('You can not pass `return_url` when `redirect_on_completion` is `never`.', {
      param: 'return_url',
    });
  checkUrl(params['return_url'] as string | undefined, 'return_url');
}

function checkUrl(url: string | undefined, param: string): void {
  // The literal {CHECKOUT_SESSION_ID} is no valid URL text; Stripe replaces it before it redirects.
  if (url === undefined || URL.canParse(url.replaceAll('{CHECKOUT_SESSION_ID}', 'id'))) return;
  throw badParameter('Invalid URL: An explicit scheme (such as https) must be provided.', {
    code: 'url_invalid',
    param,
  });
}

function checkCustomer(params: Params, mode: string): void {
  if (params['customer'] !== undefined && params['customer_email'] !== undefined)
    throw badParameter('You may only specify one of these parameters: customer, customer_email.', {
      code: 'parameters_exclusive',
      param: 'customer_email',
    });
  if (params['customer_creation'] === undefined) return;
  if (mode === 'subscription')
    throw badParameter('`customer_creation` can only be used in `payment` and `setup` mode.', {
      param: 'customer_creation',
    });
  if (params['customer'] !== undefined)
    throw badParameter('You may only specify one of these parameters: customer, customer_creation.', {
      code: 'parameters_exclusive',
      param: 'customer_creation',
    });
}

function checkExpiry(expiresAt: number | undefined, now: number): void {
  if (expiresAt === undefined) return;
  if (expiresAt < now + EXPIRES_SECONDS_MIN)
    throw badParameter(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      {
        param: 'expires_at',
      },
    );
  if (expiresAt > now + EXPIRES_SECONDS_MAX)
    throw badParameter(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      {
        param: 'expires_at',
      },
    );
}

function notAllowed(name: string, uiMode: string): Error {
  return badParameter(`\`${name}\` is not allowed when \`ui_mode\` is \`${uiMode}\`.`, { param: name });
}
