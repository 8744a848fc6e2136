import { describe, expect, it } from '@jest/globals';
import { isEligible, type EligibilityAnswers } from '../../src/protocol/directory/eligibility.js';
import { isOpenAt } from '../../src/protocol/directory/hours.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import type { EligibilityRule, Schedule } from '../../src/protocol/schemas/service-profile.js';

describe('opening hours', () => {
  const open = (schedule: Partial<Schedule>, day: string, time = '10:00') =>
    isOpenAt([{ freq: 'WEEKLY', opensAt: '09:00', closesAt: '12:00', ...schedule }], { day, time });

  it.each<[string, Partial<Schedule>, string, string, boolean]>([
    ['on its weekday', { byday: ['MO', 'TH'] }, '2026-11-26', '10:00', true],
    ['on another', { byday: ['MO', 'TH'] }, '2026-11-27', '10:00', false],
    ['from its first minute', { byday: ['TH'] }, '2026-11-26', '09:00', true],
    ['not before', { byday: ['TH'] }, '2026-11-26', '08:59', false],
    ['not in its last', { byday: ['TH'] }, '2026-11-26', '12:00', false],
    ['not before its first day', { byday: ['TH'], dtstart: '2026-11-27' }, '2026-11-26', '10:00', false],
    ['not after its last day', { byday: ['TH'], until: '2026-11-25' }, '2026-11-26', '10:00', false],
    ['on its last day', { byday: ['TH'], until: '2026-11-26' }, '2026-11-26', '10:00', true],
    [
      'every other week',
      { byday: ['MO', 'SU'], interval: 2, dtstart: '2026-11-04' },
      '2026-11-16',
      '10:00',
      true,
    ],
    [
      'on the Sunday that ends such a week',
      { byday: ['SU'], interval: 2, dtstart: '2026-11-04' },
      '2026-11-22',
      '10:00',
      true,
    ],
    [
      'not in the week between',
      { byday: ['MO'], interval: 2, dtstart: '2026-11-04' },
      '2026-11-09',
      '10:00',
      false,
    ],
    ['at night', { byday: ['TH'], opensAt: '20:00', closesAt: '08:00' }, '2026-11-26', '23:00', true],
    ['past midnight', { byday: ['TH'], opensAt: '20:00', closesAt: '08:00' }, '2026-11-27', '07:59', true],
    [
      'no longer in the morning',
      { byday: ['TH'], opensAt: '20:00', closesAt: '08:00' },
      '2026-11-27',
      '08:00',
      false,
    ],
    [
      'not past a midnight of another day',
      { byday: ['TH'], opensAt: '20:00', closesAt: '08:00' },
      '2026-11-26',
      '07:00',
      false,
    ],
    ['the whole day', { byday: ['TH'], opensAt: '00:00', closesAt: '00:00' }, '2026-11-26', '00:00', true],
    ['on the first Monday', { freq: 'MONTHLY', byday: ['1MO'] }, '2026-11-02', '10:00', true],
    ['not on the second', { freq: 'MONTHLY', byday: ['1MO'] }, '2026-11-09', '10:00', false],
    ['on the last Monday', { freq: 'MONTHLY', byday: ['-1MO'] }, '2026-11-30', '10:00', true],
    ['not on the last but one', { freq: 'MONTHLY', byday: ['-1MO'] }, '2026-11-23', '10:00', false],
    ['on a day of the month', { freq: 'MONTHLY', bymonthday: [15, 26] }, '2026-11-26', '10:00', true],
    ['not on another', { freq: 'MONTHLY', bymonthday: [15] }, '2026-11-26', '10:00', false],
    [
      'every third month',
      { freq: 'MONTHLY', bymonthday: [26], interval: 3, dtstart: '2026-08-01' },
      '2026-11-26',
      '10:00',
      true,
    ],
    [
      'over the year’s end',
      { freq: 'MONTHLY', bymonthday: [26], interval: 2, dtstart: '2025-12-01' },
      '2026-02-26',
      '10:00',
      true,
    ],
    [
      'not in the months between',
      { freq: 'MONTHLY', bymonthday: [26], interval: 3, dtstart: '2026-09-01' },
      '2026-11-26',
      '10:00',
      false,
    ],
  ])('are kept %s', (_, schedule, day, time, isOpen) => {
    expect(open(schedule, day, time)).toBe(isOpen);
  });

  it('are those of any one schedule, and none without one', () => {
    const moment = { day: '2026-11-26', time: '10:00' };
    const on = (byday: string): Schedule => ({
      freq: 'WEEKLY',
      byday: [byday],
      opensAt: '09:00',
      closesAt: '12:00',
    });
    expect(isOpenAt([on('MO'), on('TH')], moment)).toBe(true);
    expect(isOpenAt([], moment)).toBe(false);
  });
});

describe('eligibility', () => {
  const judged = (rules: EligibilityRule[], answers: EligibilityAnswers) =>
    isEligible({ eligibility: { rules } }, answers);

  it.each<[string, EligibilityRule, EligibilityAnswers, string]>([
    ['an age within', { about: 'age', atLeast: 18, atMost: 25 }, { age: 18 }, 'yes'],
    ['an age at the upper end', { about: 'age', atLeast: 18, atMost: 25 }, { age: 25 }, 'yes'],
    ['an age below', { about: 'age', atLeast: 18 }, { age: 17 }, 'no'],
    ['an age above', { about: 'age', atMost: 25 }, { age: 26 }, 'no'],
    ['an age that nobody knows', { about: 'age', atMost: 25 }, {}, 'unknown'],
    ['one of the values', { about: 'commune', oneOf: ['1000', '1060'] }, { commune: '1060' }, 'yes'],
    ['none of the values', { about: 'commune', oneOf: ['1000', '1060'] }, { commune: '1190' }, 'no'],
    [
      'one of several',
      { about: 'documents', oneOf: ['annexe-26'] },
      { documents: ['passport', 'annexe-26'] },
      'yes',
    ],
    [
      'having none where one is needed',
      { about: 'documents', oneOf: ['annexe-26'] },
      { documents: [] },
      'no',
    ],
    ['an excluded value', { about: 'animals', noneOf: ['dog'] }, { animals: ['cat', 'dog'] }, 'no'],
    ['having none where some are excluded', { about: 'animals', noneOf: ['dog'] }, { animals: [] }, 'yes'],
    ['another value than the excluded', { about: 'animals', noneOf: ['dog'] }, { animals: 'cat' }, 'yes'],
  ])('judges %s', (_, rule, answers, eligible) => {
    expect(judged([rule], answers).eligible).toBe(eligible);
  });

  it('says what fails and what would have to be asked; one failing rule is enough', () => {
    const rules = SERVICE_PROFILE_EXAMPLE.eligibility.rules;
    expect(judged([...rules], { age: 12 })).toEqual({
      eligible: 'no',
      failed: ['age'],
      missing: ['household', 'animals'],
    });
    expect(judged([...rules], { age: 30, animals: [] })).toEqual({
      eligible: 'unknown',
      failed: [],
      missing: ['household'],
    });
    expect(judged([], {})).toEqual({ eligible: 'yes', failed: [], missing: [] });
  });
});
