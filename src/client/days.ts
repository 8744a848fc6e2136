/** Days never fall along a consent's statements: the next one's, also where the server's clock was ahead before. */
export function laterDay(today: string, lastDay: string): string {
  return lastDay > today ? lastDay : today;
}

/** First and last day of the month that lies `ahead` months after the month of `day`. */
export function monthOf(day: string, ahead = 0): { month: string; from: string; until: string } {
  const [year = 0, month = 0] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + ahead, 1));
  const last = new Date(Date.UTC(year, month + ahead, 0));
  const from = first.toISOString().slice(0, 10);
  return { month: from.slice(0, 7), from, until: last.toISOString().slice(0, 10) };
}
