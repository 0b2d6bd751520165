const NAMES: Readonly<Record<string, string>> = {
  eps: 'EPS',
  ideal: 'iDEAL',
  p24: 'Przelewy24',
  paypal: 'PayPal',
  sepa_debit: 'SEPA Direct Debit',
  us_bank_account: 'US bank account',
};

/** What a buyer knows a type of payment method by. */
export function methodName(type: string): string {
  const words = type.replaceAll('_', ' ');
  return NAMES[type] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
