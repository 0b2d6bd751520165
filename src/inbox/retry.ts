// 12 doublings from 5 s (5.7 h) and then one attempt in 3 h: 34 attempts are three days, as long as Stripe
// itself would go on delivering.
const FIRST_SECONDS = 5;
const LONGEST_SECONDS = 3 * 60 * 60;
const JITTER = 0.2;
export const ATTEMPTS_MAX = 34;
/** An event that was alone in hand at this many deaths of its process is not tried again. */
export const CRASHES_MAX = 5;

/**
 * Seconds to wait after the given number of failed attempts (1 = the first failure).
 * `random` is in [0, 1): what failed together must not come back together.
 */
export function backoffSeconds(attempts: number, random: number): number {
  const plain = Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS);
  return plain * (1 - JITTER + 2 * JITTER * random);
}
