/**
 * Days never fall along a consent's statements: the next one's, also where the server's clock was ahead
 * before.
 */
export function laterDay(today: string, lastDay: string): string {
  return lastDay > today ? lastDay : today;
}

/**
 * The day, `YYYY-MM-DD`, on which a moment of the server falls for the people of a network: in its charter's
 * time zone.
 */
export function dayIn(timeZone: string, moment: string): string {
  const of = { timeZone, calendar: 'gregory', numberingSystem: 'latn' } as const;
  const parts = new Intl.DateTimeFormat('en', { ...of, year: 'numeric', month: '2-digit', day: '2-digit' })
    .formatToParts(new Date(moment))
    .map(({ type, value }) => [type, value]);
  const { year = '', month = '', day = '' } = Object.fromEntries(parts) as Record<string, string>;
  return `${year}-${month}-${day}`;
}

/** First and last day of the month that lies `ahead` months after the month of `day`. */
export function monthOf(day: string, ahead = 0): { month: string; from: string; until: string } {
  const [year = 0, month = 0] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + ahead, 1));
  const last = new Date(Date.UTC(year, month + ahead, 0));
  const from = first.toISOString().slice(0, 10);
  return { month: from.slice(0, 7), from, until: last.toISOString().slice(0, 10) };
}
