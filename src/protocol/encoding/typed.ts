/**
 * Secrets as people type them, each in its one form. Keyboards of other languages have digits, dashes and
 * quotes of their own, and put in signs that nobody sees; telephones change the first letter and the
 * apostrophe.
 */

/**
 * Compatibility forms folded (full width among them), what nobody sees taken out, digits of every script as
 * 0–9.
 */
function plainSigns(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[\t-\r\u0085]/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{DI}]/gu, '')
    .replace(/\p{Nd}/gu, valueOf);
}

/** Decimal digits stand in tens, each ten in its order (Unicode, 4.6). */
function valueOf(digit: string): string {
  const sign = digit.codePointAt(0) as number;
  let first = sign;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((sign - first) % 10);
}

/** Letters and digits alone, in capitals. */
export function normaliseCode(typed: string): string {
  return plainSigns(typed)
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '')
    .replace(/\u0130|i\u0307/g, 'I')
    .toUpperCase()
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
    .replace(/U/g, 'V');
}

/**
 * A key that another program made and that people copy: signs that nobody sees, spaces and kinds of dashes do
 * not count.
 */
export function normaliseKey(typed: string): string {
  return plainSigns(typed)
    .replace(/\s/g, '')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .toUpperCase();
}

/** Apostrophes, quotes and what stands for them on keyboards. */
const QUOTES =
  /["'`\u00AB\u00B4\u00BB\u02B9-\u02BF\u055A\u05F3\u05F4\u2018-\u201F\u2032-\u2036\u2039\u203A]+/g;
/**
 * One letter of two keyboards: the Persian and the Arabic yeh and kaf, the yeh that Egypt writes; the stroke
 * of tatweel is none.
 */
const ARABIC: Readonly<Record<string, string>> = { ی: 'ي', ى: 'ي', ک: 'ك', ـ: '' };

/**
 * A person's word: the same however a keyboard writes it. Case does not count (the i of Turkish has no second
 * kind), nor which apostrophe, quote or dash, nor spaces and punctuation around it; inside it spaces are one
 * space.
 */
export function normaliseWord(word: string): string {
  // NFKC would make a space of the acute accent
  const plain = foldCase(plainSigns(word.replace(QUOTES, "'")))
    .replace(QUOTES, "'")
    .replace(/[\p{Pd}\u2212]+/gu, '-')
    .replace(/[\u0640\u0649\u06A9\u06CC]/g, (letter) => ARABIC[letter] as string)
    .replace(/\p{Z}+/gu, ' ')
    .trim();
  return plain.replace(/^[\p{P}\p{Z}]+|[\p{P}\p{Z}]+$/gu, '') || plain;
}

/**
 * Down, up and down again: ß and ẞ become ss, the dotless i an i; then the dot of İ and the ς at the end are
 * gone.
 */
function foldCase(text: string): string {
  const folded = text.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  return folded.replace(/\u0307/g, '').replace(/ς/g, 'σ');
}

/** As version 0.1 read a word: papers that were made so still open. */
export function normaliseWord01(word: string): string {
  return word.normalize('NFKC').trim().toLowerCase();
}
