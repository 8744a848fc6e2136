import fc from 'fast-check';

/**
 * Texts in which something does not show, turns what follows around, or cannot be written; each with what it
 * is.
 */
export const DECEIVING: readonly (readonly [string, string])[] = [
  ['a NUL', 'Sam\0'],
  ['a lone surrogate', 'Sam\ud83d'],
  ['the other half alone', '\udc00Sam'],
  ['an override', 'Sam\u202egpj.exe'],
  ['an isolate that is not closed', 'Sam\u2067'],
  ['the end of an isolate', 'Sam\u2069'],
  ['a mark of direction', 'Sam\u200f'],
  ['the Arabic one', 'Sam\u061c'],
  ['a space of no width', 'Sa\u200bm'],
  ['a joiner among Latin letters', 'Sa\u200dm'],
  ['a non-joiner among Latin letters', 'Sa\u200cm'],
  ['a non-joiner at the end', 'می\u200c'],
  ['two non-joiners', 'می\u200c\u200cخواهم'],
  ['a soft hyphen', 'Sa\u00adm'],
  ['a byte order mark', '\ufeffSam'],
  ['a filler of Hangul', '\u3164'],
  ['a selector of variants', 'S\ufe0fam'],
  ['a digit with one', '1\ufe0f'],
  ['text of tags', 'Sam\u{e0041}\u{e0042}'],
  ['an escape of terminals', 'Sam\u001b[2J'],
  ['a backspace', 'Sam\b\b\bMax'],
  ['a delete', 'Sam\u007f'],
  ['a control of C1', 'Sam\u009b'],
  ['a tab', 'Sam\tMax'],
  ['a lone carriage return', 'Sam\rMax'],
  ['a separator of lines', 'Sam\u2028Max'],
  ['a separator of paragraphs', 'Sam\u2029Max'],
  ['private signs', 'Sam\ue000'],
  ['what is no character', 'Sam\uffff'],
  ['an anchor of annotations', '\ufff9Sam\ufffa'],
  ['marks heaped on a letter', `S${'\u0301'.repeat(5)}am`],
  ['a mark at the beginning', '\u0338Sam'],
  ['spaces alone', ' \u00a0\u3000'],
  ['the blank of Braille', '\u2800'],
];

/** Names and lines as people write them. */
export const HONEST: readonly string[] = [
  'Sam',
  'L’Îlot — accueil n° 2 (« rue »)',
  'Straatteam Noord & Zuid / 24/7',
  'Ngô Thị Hằng',
  'Ngô Thị Hằng'.normalize('NFD'),
  'ሰላም',
  'مركز الصحة رقم ٢',
  'می\u200cخواهم',
  'کتابخانه\u200cها',
  'क\u094d\u200dष',
  'क\u094d\u200cष',
  'ර\u0dca\u200dය',
  'র\u200d\u09cdযাব',
  'ന\u0d4d\u200d',
  'เดือนนี้',
  'בְּרֵאשִׁית',
  '🏳️\u200d🌈 ❤️ 👩🏽\u200d🚀 1️⃣ 🇧🇪 ☎︎ ©',
  '東京 Medical ｶﾅ',
  '۝ \u0600١٢',
  'M. d’Été, 5\u202f€',
];

/** Any text at all: code units as they come, with those among them that deceive. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(...DECEIVING.map(([, text]) => text), ...HONEST, '\n', '\r\n', '"', '\\', '__proto__'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
