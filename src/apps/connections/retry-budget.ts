// Of all calls of this process, so that the outage of a service is not made worse by us.
const RETRIES_PER_CALL = 0.2;
// For who calls seldom, and for the first moments of an outage.
const RETRIES_SAVED_MAX = 10;

/** How much may be tried again: each call earns a fifth of a retry, and ten can be saved. */
export class RetryBudget {
  #saved = RETRIES_SAVED_MAX;

  earn(): void {
    this.#saved = Math.min(RETRIES_SAVED_MAX, this.#saved + RETRIES_PER_CALL);
  }

  /** False: nothing is left, so leave it. */
  spend(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
