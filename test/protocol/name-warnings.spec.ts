import { describe, expect, it } from '@jest/globals';
import { nameWarnings, unusualNames } from '../../src/protocol/encoding/name-warnings.js';
import { HONEST } from '../support/requests/odd-texts.js';

const BRUSSELS = ['fr', 'nl', 'en'];

describe('a name that a coordinator relies on', () => {
  it('is Latin where a language says nothing of its script', () => {
    expect(nameWarnings('Sam', ['', '-', 'zxx', 'qaa'])).toEqual([]);
  });

  it.each([
    ['Latin and Cyrillic', 'Мédecins', ['mixed-script']],
    ['Latin and Greek', 'Clinique Ο', ['mixed-script']],
    ['Cherokee for Latin', 'ᏟᎡ', ['other-script']],
    ['Cyrillic alone', 'СОС', ['other-script']],
    ['a script that nobody writes any more', 'Ⲥⲟⲥ', ['mixed-script']],
    ['letters of mathematics', '𝐂roix', ['look-alike']],
    ['full width', 'Ｃroix', ['look-alike']],
    ['digits of two scripts', 'Rue ١٢', ['mixed-script']],
  ])('is unusual with %s', (_, name, warnings) => {
    expect(nameWarnings(name, BRUSSELS)).toEqual(warnings);
  });

  it.each([
    'La Ruelle',
    'Huis Noord (verzonnen)',
    'Ngô Thị 24/7 — n° 2',
    'Ngô Thị'.normalize('NFD'),
    '24/7',
    '❤️',
  ])('is usual: %s', (name) => expect(nameWarnings(name, BRUSSELS)).toEqual([]));

  it.each([
    ['ar', 'مركز الصحة رقم ٢'],
    ['ja', '東京メディカル'],
    ['ja', '東京カナ Medical'],
    ['zh', '北京 Clinic'],
    ['zh-Hant-TW', '臺北ㄅ'],
    ['ko', '서울 Clinic'],
    ['sr-Latn', 'Žarko'],
    ['sr', 'Жарко'],
    ['am', 'ሰላም'],
    ['fr-1606nict', 'Été'],
    ['qaa', 'Été'],
  ])('is usual in a network that writes %s: %s', (language, name) => {
    expect(nameWarnings(name, ['fr', language])).toEqual([]);
  });

  it('is named once, with its reasons', () => {
    expect(unusualNames(['La Ruelle', 'СОС', 'СОС', 'СOS'], BRUSSELS)).toEqual([
      { name: 'СОС', warnings: ['other-script'] },
      { name: 'СOS', warnings: ['mixed-script'] },
    ]);
    expect(unusualNames(HONEST, []).length).toBeGreaterThan(0);
  });
});
