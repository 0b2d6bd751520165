/** Where whoever looks is: their day is the one that counts. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

// Dates without a time: no zone may move them.
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `Monday` */
export function weekdayOf(date: string): string {
  return weekday.format(new Date(date));
}

/** `30 Nov` */
export function dayOf(date: string): string {
  return dayMonth.format(new Date(date));
}

export function percent(part: number, of: number): string {
  return new Intl.NumberFormat('en', { style: 'percent' }).format(part / of);
}

/** To a tenth, and never more than it is: one failure in a thousand is not 100 %. */
export function rate(part: number, of: number): string {
  const format = { style: 'percent', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat('en', format).format(Math.floor((part / of) * 1_000) / 1_000);
}
