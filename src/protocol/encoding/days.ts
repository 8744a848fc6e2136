const DAY_MS = 86_400_000;

/** The longest life of a device's certificate, its first and last day included. */
export const CERTIFICATE_DAYS = 180;

/**
 * How many days back a statement's day may lie when it is made known; of a consent, as long as it may be
 * sent.
 */
export const DAYS_BACK = 7;

/** The day that lies so many days after `day`, both `YYYY-MM-DD`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Both are days that exist. */
export function daysBetween(from: string, until: string): number {
  return (Date.parse(until) - Date.parse(from)) / DAY_MS;
}
