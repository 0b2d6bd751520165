import type { Realm } from '../realm.ts';
import type { ErrorBody } from './errors.ts';

const MISSING = /^No such (\S+): '([^']+)'$/;

/** Where the word in "No such …" is not the kind itself. */
const KINDS: Readonly<Record<string, string>> = {
  PaymentMethod: 'payment_method',
  setupintent: 'setup_intent',
};

/**
 * What is missing in this mode, but there in the other one, is most often a mix-up of keys; Stripe says so in
 * the message. It is missing all the same.
 */
export function hintOtherMode({ engine, account, livemode }: Realm, error: ErrorBody): ErrorBody {
  const [, noun = '', id = ''] = MISSING.exec(error.code === 'resource_missing' ? error.message : '') ?? [];
  const kind = KINDS[noun] ?? noun;
  if (id === '' || !engine.store.table({ account, livemode: !livemode }, kind).get(id)) return error;
  const [there, here] = livemode ? ['test', 'live'] : ['live', 'test'];
  const message =
    `${error.message}; a similar object exists in ${there} mode, but a ${here} mode key was used to make ` +
    'this request.';
  return { ...error, message };
}
