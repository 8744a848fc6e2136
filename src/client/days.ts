/** Today's date in the charter's time zone, `YYYY-MM-DD`, by the device's clock: a claim that the server bounds. */
export function todayIn(timeZone: string, now: Date = new Date()): string {
  // part by part: how a language puts a date together is known only where its data are, and some Node has English alone
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return ['year', 'month', 'day'].map((type) => parts.get(type as Intl.DateTimeFormatPartTypes)).join('-');
}

/** First and last day of the month that lies `ahead` months after the month of `day`. */
export function monthOf(day: string, ahead = 0): { month: string; from: string; until: string } {
  const [year = 0, month = 0] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + ahead, 1));
  const last = new Date(Date.UTC(year, month + ahead, 0));
  const from = first.toISOString().slice(0, 10);
  return { month: from.slice(0, 7), from, until: last.toISOString().slice(0, 10) };
}
