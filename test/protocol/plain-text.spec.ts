import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import {
  isolatedText,
  isPlainText,
  requirePlainText,
  typedText,
  visibleText,
} from '../../src/protocol/encoding/plain-text.js';
import { HANDOFF_RECORD_EXAMPLE } from '../../src/protocol/schemas/examples.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import { ServiceProfile } from '../../src/protocol/schemas/service-profile.js';
import { anyText, DECEIVING, HONEST } from '../support/requests/odd-texts.js';

const RUNS = { numRuns: 2000, seed: 20261130 };
const refused = (check: string, pointer?: string) =>
  expect.objectContaining({ check, pointer }) as unknown as Error;

describe('a text that people see', () => {
  it.each(DECEIVING)('is refused with %s', (_, text) => {
    expect([isPlainText(text), isPlainText(text, true)]).toEqual([false, false]);
  });

  it.each(HONEST)('is taken as it is: %s', (text) => {
    expect([isPlainText(text), visibleText(text), typedText(text)]).toEqual([true, text, text]);
  });

  it('has lines only where it may', () => {
    for (const text of ['one\ntwo', 'one\r\ntwo'])
      expect([isPlainText(text), isPlainText(text, true)]).toEqual([false, true]);
  });

  it('is named by its place in what is written, whatever that is', () => {
    const record = { ...HANDOFF_RECORD_EXAMPLE, reason: 'one\ntwo', answers: { arrival: 'a\nb' } };
    expect(() => requirePlainText(HandoffRecord, record)).not.toThrow();
    for (const [change, pointer] of [
      [{ calledName: 'a\nb' }, '/r/calledName'],
      [{ reason: 'Sam\u202e' }, '/r/reason'],
      [{ servicesRequested: ['good', 'Sa\u200bm'] }, '/r/servicesRequested/1'],
      [{ answers: { arrival: 'Sam\0' } }, '/r/answers/arrival'],
      [{ contactMode: { mode: 'phone', safeTimes: 'a\u200e' } }, '/r/contactMode/safeTimes'],
    ] as const)
      expect(() => requirePlainText(HandoffRecord, { ...record, ...change }, '/r')).toThrow(
        refused('text', pointer),
      );
  });

  it('has lines in a profile’s descriptions, and none in its address, nor behind a name of every object', () => {
    const location = structuredClone(SERVICE_PROFILE_EXAMPLE.location) as { address: { line1: string } };
    const description = { fr: 'un\ndeux' };
    expect(() => requirePlainText(ServiceProfile, { ...SERVICE_PROFILE_EXAMPLE, description })).not.toThrow();
    location.address.line1 = 'un\ndeux';
    expect(() => requirePlainText(ServiceProfile, { ...SERVICE_PROFILE_EXAMPLE, location })).toThrow(
      refused('text', '/location/address/line1'),
    );
    expect(() => requirePlainText(HandoffRecord, { constructor: 'x\u202e' })).toThrow(refused('schema'));
  });

  it('is shown with nothing hidden in it, whatever was written', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = visibleText(text);
        expect(isPlainText(`x${shown}x`, true)).toBe(true);
        expect(isPlainText(`x${typedText(text)}x`, true)).toBe(true);
        if (isPlainText(text)) expect(shown).toBe(text);
      }),
      RUNS,
    );
  });

  it('stands in a sentence within one isolate a line, out of which nothing of it leads', () => {
    expect(isolatedText('a\u2069b\nc')).toBe('\u2068a\ufffdb\u2069\n\u2068c\u2069');
    fc.assert(
      fc.property(anyText, (text) => {
        for (const line of isolatedText(text).split('\n'))
          expect(line).toMatch(/^(\u2068[^\u2066-\u2069]+\u2069)?$/u);
      }),
      RUNS,
    );
  });

  it('loses on the way from a field what the person did not see, and keeps its lines', () => {
    expect(typedText('\u202aA\tB\u202c\r\nC\u2028D\u200b \ud83d')).toBe('A B\nC\nD');
  });
});
