import { pushEvent } from 'quittance/firebase';
import Stripe from 'stripe';

// The client waits for a database that is away, and Stripe waits for us: it takes no answer for a failure
// after some 20 seconds, and repeats.
const STORE_MS_MAX = 10_000;

/**
 * The function behind Stripe's webhook. Answers 200 only when the event is stored, 400 when Stripe did not
 * send it, and 500 when it could not be stored, so that Stripe sends it again.
 */
export function webhook({ database, secrets, storeMsMax = STORE_MS_MAX }) {
  return async (request, response) => {
    const event = verified(request, secrets);
    if (!event) {
      response.status(400).send('This is not signed by Stripe.');
      return;
    }
    try {
      await within(storeMsMax, pushEvent(database, event));
      response.status(200).send('Stored.');
    } catch (error) {
      process.stderr.write(`event ${event.id} was not stored: ${error.message}\n`);
      response.status(500).send('Not stored: send it again.');
    }
  };
}

/** The event, or null. `rawBody` are the bytes that were signed; a body that was parsed has none. */
function verified({ rawBody, headers }, secrets) {
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(rawBody, headers['stripe-signature'], secret);
    } catch {
      // signed with another secret, if at all
    }
  }
  return null;
}

async function within(ms, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${ms} ms`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
