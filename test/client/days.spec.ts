import { describe, expect, it } from '@jest/globals';
import { dayIn } from '../../src/client/device/days.js';

describe('the day of a moment', () => {
  it.each([
    ['2026-11-30T22:00:00.000Z', 'Europe/Brussels', '2026-11-30'],
    ['2026-11-30T23:00:00.000Z', 'Europe/Brussels', '2026-12-01'],
    ['2026-06-30T22:00:00.000Z', 'Europe/Brussels', '2026-07-01'],
    ['2026-12-31T23:59:59.000Z', 'Europe/Brussels', '2027-01-01'],
    ['2028-02-29T04:00:00.000Z', 'America/New_York', '2028-02-28'],
    ['2026-11-30T23:00:00.000Z', 'UTC', '2026-11-30'],
  ])('%s is, in %s, on %s', (moment, timeZone, day) => {
    expect(dayIn(timeZone, moment)).toBe(day);
  });
});
