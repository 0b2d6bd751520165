/** What becomes of a debit: paid or not, at once or after three minutes, or paid and then disputed. */
export interface DebitOutcome {
  succeeds: boolean;
  delaySeconds: number;
  disputed: boolean;
  /** Stripe's `failure_code` when it fails. */
  failureCode: string;
}

const SOON_SECONDS = 2;
const LATE_SECONDS = 180;

const FAILING = [
  'AT861904300235473202',
  'BE68539007547034',
  'DE62370400440532013001',
  'ES9121000418450200051332',
  'FR8420041010050500013M02607',
  'IE02AIBK93115212345679',
  'IT60X0542811101000000123456',
  'NL91ABNA0417164300',
];
const LATE = ['AT321904300235473204', 'DE08370400440532013003', 'FR3020041010050500013M02609'];
const LATE_FAILING = ['AT051904300235473205', 'DE78370400440532013004', 'FR7920041010050500013M02600'];
const DISPUTED = ['AT591904300235473203', 'DE35370400440532013002', 'FR5720041010050500013M02608'];
const POOR = ['AT981904300002222227', 'DE65370400440002222227'];

/**
 * What Stripe's test account number brings about; every other valid IBAN pays. See docs.stripe.com/testing.
 */
export function debitOutcome(iban: string): DebitOutcome {
  const late = LATE.includes(iban) || LATE_FAILING.includes(iban);
  const poor = POOR.includes(iban);
  return {
    succeeds: !FAILING.includes(iban) && !LATE_FAILING.includes(iban) && !poor,
    delaySeconds: late ? LATE_SECONDS : SOON_SECONDS,
    disputed: DISPUTED.includes(iban),
    failureCode: poor ? 'insufficient_funds' : 'generic_could_not_process',
  };
}

/** Without spaces and in capitals, as banks write it. */
export function normalIban(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

/** True when country, length and check digits are plausible; ISO 13616. */
export function ibanHolds(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(iban)) return false;
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return digits.split('').reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}
