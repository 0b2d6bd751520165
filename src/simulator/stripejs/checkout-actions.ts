import { failure, type Result } from './checkout-result.ts';
import type { CheckoutSdk, ConfirmArgs, Contact } from './checkout-sdk.ts';

const NOT_SIMULATED = 'This is not simulated; docs/simulator.md says what is.';

/** What `loadActions` hands to the page; the names are those of @stripe/stripe-js 10. */
export function checkoutActions(sdk: CheckoutSdk): Record<string, unknown> {
  const refuse = async (): Promise<Result> => failure(NOT_SIMULATED);
  const unchanged = async (): Promise<Result> => ({ type: 'success', session: sdk.session() });
  return {
    getSession: () => sdk.session(),
    confirm: (args: ConfirmArgs = {}) => sdk.confirm(args),
    updateEmail: (email: string | null) => updateEmail(sdk, email ?? ''),
    updatePhoneNumber: (phone: string | null) => sdk.change({ phone: phone ?? '' }),
    updateIndividualName: (name: string | null) => sdk.change({ name: name ?? '' }),
    updateBusinessName: unchanged,
    updateBillingAddress: (contact: Contact | null) => sdk.change({ billing_address: contact ?? '' }),
    updateShippingAddress: (contact: Contact | null) => sdk.change({ shipping_address: contact ?? '' }),
    updateLineItemQuantity: ({ lineItem, quantity }: { lineItem: string; quantity: number }) =>
      sdk.change({ line_item: lineItem, quantity }),
    runServerUpdate: async (update: () => Promise<unknown>) => {
      await update();
      return sdk.refresh();
    },
    validateElements: () => validateElements(sdk),
    applyPromotionCode: async (code: string) =>
      coded(await sdk.change({ promotion_code: code }), 'invalidCode'),
    removePromotionCode: () => sdk.change({ promotion_code: '' }),
    updateShippingOption: refuse,
    updateTaxIdInfo: refuse,
    addOptionalLineItem: refuse,
    removeOptionalLineItem: refuse,
  };
}

/** The same result, with a code that a page may react to when it is an error. */
function coded(result: Result, code: string): Result {
  return result.type === 'error' ? { type: 'error', error: { ...result.error, code } } : result;
}

async function updateEmail(sdk: CheckoutSdk, email: string): Promise<Result> {
  if (email !== '' && !email.includes('@')) return failure('Your email is incomplete.', 'incompleteEmail');
  if (email !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
    return failure('Your email is invalid.', 'invalidEmail');
  return sdk.change({ email });
}

/** Shows what is missing everywhere, and names the elements that it is missing in. */
async function validateElements(sdk: CheckoutSdk): Promise<Result> {
  const mounted = [...sdk.elements].filter(([, element]) => element.mounted);
  if (mounted.length === 0) return failure('No Elements are mounted.', 'no_elements');
  const errors: { element: string; message: string }[] = [];
  for (const [kind, element] of mounted) {
    const error = await element.validate();
    if (error) errors.push({ element: kind === 'address' ? 'billingAddress' : kind, message: error.message });
  }
  const [first] = errors;
  if (!first) return { type: 'success', session: sdk.session() };
  return {
    type: 'error',
    error: { code: 'validation_error', message: first.message, validation_errors: errors },
  };
}
