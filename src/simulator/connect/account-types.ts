import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import { badParameter } from '../server/errors.ts';

export type Controller = NonNullable<Stripe.Account['controller']>;
type Type = Stripe.Account['type'];

/** docs.stripe.com/connect/migrate-to-controller-properties: what the old types stand for. */
const TYPES: Record<string, Controller> = {
  standard: controller('account', 'stripe', 'stripe', 'full'),
  express: controller('application_express', 'application', 'stripe', 'express'),
  custom: controller('application_custom', 'application', 'application', 'none'),
};

/** The controller of an account that its owner connected by OAuth: nobody's but their own. */
export const OWN: Controller = { type: 'account' };

/**
 * The type and the controller that the parameters of a new account ask for; without any, a Standard
 * account.
 */
export function controllerOf(params: Params): { type: Type; controller: Controller } {
  const type = params['type'] as string | undefined;
  const given = params['controller'] as Params | undefined;
  if (type !== undefined && given)
    throw badParameter('You may only specify one of these parameters: type, controller.', {
      code: 'parameters_exclusive',
    });
  if (!given) return { type: type ?? 'standard', controller: TYPES[type ?? 'standard'] ?? OWN };
  const part = (name: string, field: string): string | undefined =>
    (given[name] as Params | undefined)?.[field] as string | undefined;
  const made = controller(
    part('fees', 'payer') ?? 'account',
    part('losses', 'payments') ?? 'stripe',
    (given['requirement_collection'] as string | undefined) ?? 'stripe',
    part('stripe_dashboard', 'type') ?? 'full',
  );
  checkController(made, 'controller');
  return { type: 'none', controller: made };
}

/** Refuses combinations that Stripe does not support; see docs.stripe.com/connect/accounts. */
export function checkController(made: Controller, param: string): void {
  const fees = made.fees?.payer;
  const losses = made.losses?.payments;
  const dashboard = made.stripe_dashboard?.type;
  const wrong = (message: string): Error => badParameter(message, { param });
  if (losses === 'application' && fees === 'account')
    throw wrong('When `losses.payments` is `application`, `fees.payer` must be `application` too.');
  if (dashboard === 'express' && losses !== 'application')
    throw wrong('Accounts with `stripe_dashboard.type=express` require `losses.payments=application`.');
  if (dashboard === 'none' && (losses !== 'application' || fees === 'account'))
    throw wrong(
      'Accounts with `stripe_dashboard.type=none` require `losses.payments=application` and ' +
        '`fees.payer=application`.',
    );
  if (made.requirement_collection === 'application' && dashboard !== 'none')
    throw wrong('`requirement_collection=application` requires `stripe_dashboard.type=none`.');
}

export function controller(payer: string, losses: string, collection: string, dashboard: string): Controller {
  return {
    fees: { payer },
    is_controller: true,
    losses: { payments: losses },
    requirement_collection: collection,
    stripe_dashboard: { type: dashboard },
    type: 'application',
  };
}

const EURO = 'at be bg cy de ee es fi fr gr hr ie it lt lu lv mt nl pt si sk'.split(' ');
const CURRENCIES: Record<string, string> = {
  au: 'aud',
  br: 'brl',
  ca: 'cad',
  ch: 'chf',
  cz: 'czk',
  dk: 'dkk',
  gb: 'gbp',
  hk: 'hkd',
  hu: 'huf',
  in: 'inr',
  jp: 'jpy',
  mx: 'mxn',
  my: 'myr',
  no: 'nok',
  nz: 'nzd',
  pl: 'pln',
  ro: 'ron',
  se: 'sek',
  sg: 'sgd',
  th: 'thb',
  us: 'usd',
};

/** The currency of a country in which Stripe has accounts; undefined elsewhere. */
export function currencyOf(country: string): string | undefined {
  const code = country.toLowerCase();
  return EURO.includes(code) ? 'eur' : CURRENCIES[code];
}
