// docs.stripe.com/connect/testing#payouts and #test-verification: the test numbers and what they bring about.

/** How a payout to a test number ends; undefined means well. */
interface TestAccount {
  number: string;
  /** What follows `btok_us_verified_` in its ready-made token. */
  name?: string;
  failure?: string;
  instant?: boolean;
  /** Asks who owns the account: answers itself, or waits for a document. */
  ownership?: 'answers' | 'document';
}

const US_ACCOUNTS: readonly TestAccount[] = [
  { number: '000123456789' },
  { number: '000111111116', name: 'noAccount', failure: 'no_account' },
  { number: '000111111113', name: 'accountClosed', failure: 'account_closed' },
  { number: '000222222227', name: 'insufficientFunds', failure: 'insufficient_funds' },
  { number: '000333333335', name: 'debitNotAuthorized', failure: 'debit_not_authorized' },
  { number: '000444444440', name: 'invalidCurrency', failure: 'invalid_currency' },
  { number: '000888888883', instant: false },
  { number: '000999999991', ownership: 'answers' },
  { number: '000999999992', ownership: 'document' },
];

interface TestDebitCard {
  number: string;
  /** What follows `tok_` in its token. */
  name: string;
  brand: string;
  country: string;
  currency: string;
  failure?: string;
  instant?: boolean;
}

const US = { country: 'US', currency: 'usd' };

const DEBIT_CARDS: readonly TestDebitCard[] = [
  { number: '4000056655665556', name: 'visa_debit_us_transferSuccess', brand: 'Visa', ...US },
  {
    number: '4000056655665572',
    name: 'visa_debit_us_transferFail',
    brand: 'Visa',
    ...US,
    failure: 'could_not_process',
  },
  {
    number: '4000056755665555',
    name: 'visa_debit_us_instantPayoutUnsupported',
    brand: 'Visa',
    ...US,
    instant: false,
  },
  { number: '5200828282828210', name: 'mastercard_debit_us_transferSuccess', brand: 'MasterCard', ...US },
  { number: '6011981111111113', name: 'discover_debit_us_transferSuccess', brand: 'Discover', ...US },
];

/** The routing number that every American test account has. */
export const TEST_ROUTING = '110000000';

const BY_NUMBER = new Map(US_ACCOUNTS.map((each) => [each.number, each]));
const CARD_BY_NUMBER = new Map(DEBIT_CARDS.map((each) => [each.number, each]));
const CARD_BY_NAME = new Map(DEBIT_CARDS.map((each) => [each.name, each]));
const BY_NAME = new Map(US_ACCOUNTS.flatMap((each) => (each.name === undefined ? [] : [[each.name, each]])));

export function testAccount(number: string): TestAccount | undefined {
  return BY_NUMBER.get(number);
}

export function debitCard(number: string): TestDebitCard | undefined {
  return CARD_BY_NUMBER.get(number);
}

/** The debit card behind a token such as `tok_visa_debit_us_transferSuccess`. */
export function debitCardOfToken(token: string): TestDebitCard | undefined {
  return CARD_BY_NAME.get(token.replace(/^tok_/, ''));
}

/** The account number behind a ready-made token: `btok_us_verified`, `btok_us_verified_noAccount`, … */
export function numberOfBankToken(token: string): string | undefined {
  const match = /^btok_us(?:_verified)?(?:_(\w+))?$/.exec(token);
  if (!match) return undefined;
  return match[1] === undefined ? '000123456789' : BY_NAME.get(match[1])?.number;
}

/** Does this routing number have the nine digits and the checksum of an American bank? */
export function isRouting(routing: string): boolean {
  if (!/^\d{9}$/.test(routing)) return false;
  const weights = [3, 7, 1, 3, 7, 1, 3, 7, 1];
  return (
    Array.from(routing).reduce((sum, digit, at) => sum + Number(digit) * (weights[at] ?? 0), 0) % 10 === 0
  );
}
