import { afterEach, describe, expect, it } from '@jest/globals';
import { todayIn } from './days.js';

describe('today', () => {
  const { DateTimeFormat } = Intl;
  afterEach(() => {
    Intl.DateTimeFormat = DateTimeFormat;
  });

  /** As a Node that was built with the data of American English alone answers to whatever is asked. */
  function withEnglishAlone(): void {
    Intl.DateTimeFormat = function (_locale: unknown, options: Intl.DateTimeFormatOptions) {
      return new DateTimeFormat('en-US', options);
    } as unknown as typeof Intl.DateTimeFormat;
  }

  it.each([false, true])('is written one way, in the zone that is named (English alone: %s)', (alone) => {
    if (alone) withEnglishAlone();
    const now = new Date('2026-02-28T23:30:00Z');
    expect(todayIn('Europe/Brussels', now)).toBe('2026-03-01');
    expect(todayIn('America/New_York', now)).toBe('2026-02-28');
  });
});
