import type { JsError } from './protocol.ts';

/** What Stripe.js can do and this stand-in can't: a page gets an error it can show, and not a crash. */
const UNSUPPORTED = [
  'collectBankAccountForPayment',
  'collectBankAccountForSetup',
  'collectBankAccountToken',
  'collectFinancialConnectionsAccounts',
  'createEphemeralKeyNonce',
  'createSource',
  'initializePricing',
  'processOrder',
  'retrieveOrder',
  'retrieveSource',
  'verifyIdentity',
  'verifyMicrodepositsForPayment',
  'verifyMicrodepositsForSetup',
] as const;

type Refusal = () => Promise<{ error: JsError }>;

export function unsupportedMethods(): Record<string, Refusal> {
  return Object.fromEntries(UNSUPPORTED.map((name) => [name, refuse(name)]));
}

/** The older Payment Request Button: no wallet is there, which every page has to cope with. */
export function paymentRequest(): Record<string, unknown> {
  const request: Record<string, unknown> = {
    canMakePayment: async () => null,
    show: () => undefined,
    abort: () => undefined,
    update: () => undefined,
    isShowing: () => false,
  };
  for (const name of ['on', 'once', 'off']) request[name] = () => request;
  return request;
}

function refuse(name: string): Refusal {
  return async () => {
    const message = `stripe.${name}() is not simulated; docs/simulator.md says what is.`;
    return { error: { type: 'invalid_request_error', code: 'not_simulated', message } };
  };
}
