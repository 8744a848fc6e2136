import { addDays } from '../encoding/days.js';
import type { Schedule } from '../schemas/service-profile.js';

/** A moment in the charter's time zone: `YYYY-MM-DD` and `HH:MM`. */
export interface LocalTime {
  readonly day: string;
  readonly time: string;
}

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const DAY_MS = 86_400_000;

/**
 * Whether one of the schedules says that the service is open; hours that go past midnight belong to the day
 * they begin.
 * @example
 * const isOpen = isOpenAt(profile.hours ?? [], { day: '2030-01-07', time: '14:30' });
 */
export function isOpenAt(schedules: readonly Schedule[], { day, time }: LocalTime): boolean {
  return schedules.some((schedule) => {
    const { opensAt, closesAt } = schedule;
    if (opensAt < closesAt) return opensAt <= time && time < closesAt && occursOn(schedule, day);
    if (opensAt <= time) return occursOn(schedule, day);
    return time < closesAt && occursOn(schedule, addDays(day, -1));
  });
}

/** RFC 5545, section 3.3.10, as far as a schedule has its parts; weeks begin on Monday. */
function occursOn(schedule: Schedule, day: string): boolean {
  const { dtstart = day, until = day, bymonthday, byday, interval = 1, freq } = schedule;
  if (day < dtstart || day > until) return false;
  const periods = freq === 'WEEKLY' ? weekOf(day) - weekOf(dtstart) : monthOf(day) - monthOf(dtstart);
  if (periods % interval !== 0) return false;
  const date = Number(day.slice(8));
  if (bymonthday && !bymonthday.includes(date)) return false;
  return byday === undefined || byday.some((part) => isThatDay(part, day, date));
}

/** `MO`, or with a number the so-manieth of its month, counted from the end where it is -1. */
function isThatDay(part: string, day: string, date: number): boolean {
  const [weekday, place] = [part.slice(-2), part.slice(0, -2)];
  if (WEEKDAYS[new Date(day).getUTCDay()] !== weekday) return false;
  if (place === '-1') return addDays(day, 7).slice(0, 7) !== day.slice(0, 7);
  return place === '' || Number(place) === Math.ceil(date / 7);
}

/** 1 January 1970 was a Thursday, three days after a Monday. */
function weekOf(day: string): number {
  return Math.floor((Date.parse(day) / DAY_MS + 3) / 7);
}

function monthOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}
