import { createHash } from 'node:crypto';

/** Where a buyer is to send money to; see docs.stripe.com/payments/bank-transfers. */
type BankAddress = Record<string, unknown> & { type: string; supported_networks: string[] };

const ADDRESS = {
  city: 'San Francisco',
  country: 'US',
  line1: '1 Simulated Street',
  line2: null,
  postal_code: '94104',
  state: 'CA',
};
const HOLDER = { account_holder_address: ADDRESS, account_holder_name: 'Quittance Simulator' };
const BANK = { bank_address: ADDRESS, bank_name: 'Simulated Test Bank' };
const ACCOUNT_DIGITS = 12;

type Maker = (account: string) => BankAddress[];

const MAKERS: Readonly<Record<string, Maker>> = {
  eu_bank_transfer: (account) => [
    {
      iban: {
        ...HOLDER,
        bank_address: ADDRESS,
        bic: 'TESTDEFF',
        country: 'DE',
        iban: `DE89370400${account}`,
      },
      supported_networks: ['sepa'],
      type: 'iban',
    },
  ],
  gb_bank_transfer: (account) => [
    {
      sort_code: { ...HOLDER, bank_address: ADDRESS, account_number: account.slice(-8), sort_code: '108800' },
      supported_networks: ['bacs', 'fps'],
      type: 'sort_code',
    },
  ],
  jp_bank_transfer: (account) => [
    {
      supported_networks: ['zengin'],
      type: 'zengin',
      zengin: {
        ...HOLDER,
        ...BANK,
        account_number: account.slice(-7),
        account_type: 'futsu',
        bank_code: '1100',
        branch_code: '000',
        branch_name: 'Simulated Branch',
      },
    },
  ],
  mx_bank_transfer: (account) => [
    {
      spei: { ...HOLDER, ...BANK, bank_code: '000', clabe: `000000${account}` },
      supported_networks: ['spei'],
      type: 'spei',
    },
  ],
  us_bank_transfer: (account) => [
    {
      aba: {
        ...HOLDER,
        ...BANK,
        account_number: account,
        account_type: 'checking',
        routing_number: '999999999',
      },
      supported_networks: ['ach', 'domestic_wire_us'],
      type: 'aba',
    },
    {
      supported_networks: ['swift'],
      swift: {
        ...HOLDER,
        ...BANK,
        account_number: account,
        account_type: 'checking',
        swift_code: 'TESTUS99XXX',
      },
      type: 'swift',
    },
  ],
};

/** The same account for the same customer each time, as Stripe's virtual bank accounts are. */
export function bankAddresses(transfer: string, customer: string): BankAddress[] {
  const hash = createHash('sha256').update(`bank transfer ${customer}`).digest();
  const account = Array.from(hash.subarray(0, ACCOUNT_DIGITS), (byte) => byte % 10).join('');
  return MAKERS[transfer]?.(account) ?? [];
}
