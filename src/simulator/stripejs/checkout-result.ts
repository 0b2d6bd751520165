/** An error in the form that the SDK's actions answer with. */
export type Failure = { type: 'error'; error: Record<string, unknown> };

/** What an action of the Checkout SDK resolves with. */
export type Result = { type: 'success'; session: Record<string, unknown> } | Failure;

/** `code` is one that the page may react to; most mistakes have none. */
export function failure(message: string, code: string | null = null): Failure {
  return { type: 'error', error: { message, code } };
}
