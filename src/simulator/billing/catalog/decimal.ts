/** Stripe's decimal amounts have up to twelve places. */
const PLACES = 12;
const ONE = 10n ** BigInt(PLACES);

/** `decimal × factor` in whole minor units, exactly, a half rounded away from zero. */
export function times(decimal: string | number, factor: string | number): number {
  const product = scaled(decimal) * scaled(factor);
  const unit = ONE * ONE;
  const half = product < 0n ? -unit / 2n : unit / 2n;
  return Number((product + half) / unit);
}

/** `amount × part / whole`, exactly, a half rounded away from zero. */
export function share(amount: number, part: number, whole: number): number {
  if (whole === 0) return 0;
  const product = BigInt(amount) * BigInt(part) * 2n;
  const unit = BigInt(whole) * 2n;
  const half = product < 0n ? -unit / 2n : unit / 2n;
  return Number((product + half) / unit);
}

/** `amount × percent / 100`, a half rounded away from zero. */
export function percentOf(amount: number, percent: number): number {
  return times(String(percent), amount / 100);
}

/** A decimal as Stripe writes it, without needless zeros. */
export function plainDecimal(text: string | number): string {
  const value = String(text);
  return value.includes('.') ? value.replace(/\.?0+$/, '') : value;
}

function scaled(value: string | number): bigint {
  const text = typeof value === 'number' ? value.toFixed(PLACES) : value;
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const digits = BigInt((whole === '' ? '0' : whole) + fraction.padEnd(PLACES, '0').slice(0, PLACES));
  return sign === '-' ? -digits : digits;
}
