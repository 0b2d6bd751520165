import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const POOL_BYTES = 4_096;
/** 62 letters fit four times into a byte; larger bytes are thrown away so that no letter is likelier. */
const BYTE_LIMIT = 248;

/**
 * Where ids and chances come from. The same seed gives the same ids and the same chances in the same order.
 */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  chance(): number;
  /** `length` letters and digits. */
  text(length: number): string;
}

/** Seeded when `seed` is given; otherwise what it makes can't be guessed. */
export function makeRandom(seed?: number | string): Random {
  return seed === undefined ? randomOf(pooled()) : randomOf(seeded(String(seed)));
}

function randomOf(nextByte: () => number): Random {
  return {
    chance: () => (nextByte() * 2 ** 24 + nextByte() * 2 ** 16 + nextByte() * 2 ** 8 + nextByte()) / 2 ** 32,
    text(length) {
      let text = '';
      while (text.length < length) {
        const byte = nextByte();
        if (byte < BYTE_LIMIT) text += ALPHABET[byte % ALPHABET.length];
      }
      return text;
    },
  };
}

function pooled(): () => number {
  let pool = randomBytes(POOL_BYTES);
  let at = 0;
  return () => {
    if (at === POOL_BYTES) {
      pool = randomBytes(POOL_BYTES);
      at = 0;
    }
    return pool[at++] ?? 0;
  };
}

/** SHA-256 in counter mode: slow for a generator, but eight ids cost less than one signature. */
function seeded(seed: string): () => number {
  let counter = 0;
  let block = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === block.length) {
      block = createHash('sha256').update(`${seed}:${counter++}`).digest();
      at = 0;
    }
    return block[at++] ?? 0;
  };
}

/** Prefix and number of random letters of each kind's ids; docs and recordings agree on these. */
const IDS: Record<string, readonly [prefix: string, length: number]> = {
  account: ['acct_', 16],
  account_link: ['', 0],
  apple_pay_domain: ['apwc_', 24],
  application_fee: ['fee_', 24],
  'apps.install': ['appinst_', 24],
  'apps.secret': ['appsecret_', 24],
  balance_transaction: ['txn_3', 23],
  bank_account: ['ba_1', 23],
  'billing.meter': ['mtr_1', 23],
  'billing_portal.configuration': ['bpc_1', 23],
  'billing_portal.session': ['bps_1', 23],
  card: ['card_1', 23],
  charge: ['ch_3', 23],
  'checkout.session': ['cs_', 60],
  confirmation_token: ['ctoken_1', 23],
  coupon: ['', 8],
  credit_note: ['cn_1', 23],
  credit_note_line_item: ['cnli_1', 23],
  customer: ['cus_', 14],
  customer_balance_transaction: ['cbtxn_1', 23],
  customer_cash_balance_transaction: ['ccsbtxn_1', 23],
  customer_session: ['cuss_', 24],
  discount: ['di_1', 23],
  dispute: ['du_1', 23],
  ephemeral_key: ['ephkey_1', 23],
  'entitlements.active_entitlement': ['ent_', 24],
  'entitlements.feature': ['feat_', 24],
  event: ['evt_1', 23],
  fee_refund: ['fr_', 24],
  file: ['file_1', 23],
  file_link: ['link_1', 23],
  'identity.verification_session': ['vs_1', 23],
  invoice: ['in_1', 23],
  invoiceitem: ['ii_1', 23],
  invoice_payment: ['inpay_1', 23],
  'issuing.authorization': ['iauth_1', 23],
  'issuing.card': ['ic_1', 23],
  'issuing.cardholder': ['ich_1', 23],
  'issuing.transaction': ['ipi_1', 23],
  item: ['li_1', 23],
  line_item: ['il_1', 23],
  mandate: ['mandate_1', 23],
  payment_intent: ['pi_3', 23],
  payment_link: ['plink_1', 23],
  payment_method: ['pm_1', 23],
  payment_method_configuration: ['pmc_1', 23],
  payment_method_domain: ['pmd_1', 23],
  payout: ['po_1', 23],
  person: ['person_1', 23],
  plan: ['plan_', 14],
  price: ['price_1', 23],
  product: ['prod_', 14],
  product_feature: ['prodft_', 24],
  promotion_code: ['promo_1', 23],
  quote: ['qt_1', 23],
  'radar.early_fraud_warning': ['issfr_1', 23],
  refund: ['re_3', 23],
  'reporting.report_run': ['frr_1', 23],
  review: ['prv_1', 23],
  setup_attempt: ['setatt_1', 23],
  setup_intent: ['seti_1', 23],
  shipping_rate: ['shr_1', 23],
  source: ['src_1', 23],
  subscription: ['sub_1', 23],
  subscription_item: ['si_', 14],
  subscription_schedule: ['sub_sched_1', 23],
  'tax.calculation': ['taxcalc_1', 23],
  'tax.registration': ['taxreg_', 24],
  'tax.transaction': ['tax_1', 23],
  tax_id: ['txi_1', 23],
  tax_rate: ['txr_1', 23],
  'test_helpers.test_clock': ['clock_1', 23],
  token: ['tok_1', 23],
  topup: ['tu_1', 23],
  transfer: ['tr_3', 23],
  transfer_reversal: ['trr_1', 23],
  'v2.core.event': ['evt_', 57],
  'v2.core.event_destination': ['ed_test_', 57],
  webhook_endpoint: ['we_1', 23],
};

/** A fresh id of this kind; kinds without a documented prefix get one made of their name. */
export function newId(random: Random, kind: string, livemode: boolean): string {
  const [prefix, length] = IDS[kind] ?? [`${kind.split('.').at(-1)?.replaceAll('_', '').slice(0, 8)}_1`, 23];
  const mode = kind === 'checkout.session' ? (livemode ? 'live_a1' : 'test_a1') : '';
  return `${prefix}${mode}${random.text(length - mode.length)}`;
}
