export interface Amount {
  /** Minor units. */
  value: number;
  currency: string;
}

// As Stripe counts (docs.stripe.com/currencies). src/money.ts has it too, which the console may not import.
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));

/** `€3.50` */
export function formatMoney({ value, currency }: Amount): string {
  const digits = digitsOf(currency);
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value / 10 ** digits);
}

/** `€1.2K`: where there is little room. */
export function formatMoneyShort({ value, currency }: Amount): string {
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency: currency.toUpperCase(),
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(value / 10 ** digitsOf(currency));
}

/** The minor units of what somebody typed (`3.5`, `3,50`), or null when it is no amount of this currency. */
export function parseMoney(text: string, currency: string): number | null {
  const digits = digitsOf(currency);
  const match = /^(\d{1,12})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  const [whole, fraction = ''] = match?.slice(1) ?? [];
  if (whole === undefined || fraction.length > digits) return null;
  return Number(whole) * 10 ** digits + Number(fraction.padEnd(digits, '0') || 0);
}

export function Money({ amount }: { amount: Amount | null }) {
  return amount ? <span className="number">{formatMoney(amount)}</span> : <span className="soft">–</span>;
}

/** How many digits stand behind the point: 0, 2 or 3. */
function digitsOf(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}
