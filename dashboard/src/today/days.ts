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
  return new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 }).format(part / of);
}
