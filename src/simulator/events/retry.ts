// docs.stripe.com/webhooks: live mode retries "for up to three days with an exponential back off", a
// sandbox "three times over the course of a few hours". The single intervals are not published; these add
// up to 70 hours and to 3.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const LIVE_WAITS_SECONDS = [
  5 * MINUTE,
  15 * MINUTE,
  45 * MINUTE,
  2 * HOUR + 15 * MINUTE,
  6 * HOUR + 45 * MINUTE,
  12 * HOUR,
  12 * HOUR,
  12 * HOUR,
  12 * HOUR,
  12 * HOUR,
];
const TEST_WAITS_SECONDS = [HOUR, 2 * HOUR];

/** How long Stripe waits after `attempts` failures before it tries again; undefined when it gives up. */
export function waitAfter(attempts: number, livemode: boolean): number | undefined {
  return (livemode ? LIVE_WAITS_SECONDS : TEST_WAITS_SECONDS)[attempts - 1];
}
