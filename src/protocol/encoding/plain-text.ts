import { check } from './check.js';
import { refuse } from './errors.js';
import { findText } from './members.js';
import type { TSchema } from 'typebox';

/**
 * What people see is what was written (ADR 0024). The tables are the engine's own: the properties of Unicode
 * in its regular expressions. Whoever writes a name controls all of it; so does whoever wrote it before this
 * rule.
 */

/**
 * Letters and marks that joiners belong to (UAX 31, 2.3): of the scripts whose letters join, and of the Indic
 * ones.
 */
const ARABIC = '\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Nkoo}\\p{scx=Mand}';
const INDIC = 'Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt Newa Mtei Java Bali Cakm'
  .split(' ')
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const joined = (kinds: string, scripts: string): string => `(?=[${kinds}])[${scripts}]`;
const LETTER = joined('\\p{L}\\p{M}', ARABIC + INDIC);
const MARK = joined('\\p{M}', INDIC);
const EMOJI = '\\p{ExtPict}(?:[\\uFE0E\\uFE0F]|\\p{EMod})?';

/** Signs that show nothing by themselves, where they are part of how something is spelled or drawn. */
const NEEDED = new RegExp(
  [
    // visible, although Unicode calls them formatting: Arabic, Syriac and Kaithi signs around numbers
    '[\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}]',
    `${LETTER}\\u200C(?=${LETTER})`,
    `${MARK}\\u200D`,
    `${joined('\\p{L}', INDIC)}\\u200D(?=${MARK})`,
    `${EMOJI}(?:\\u200D${EMOJI})*`,
    '[0-9#*]\\uFE0F\\u20E3',
  ].join('|'),
  'gu',
);
const FORBIDDEN = '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{NChar}\\p{DI}\\p{Bidi_C}';
const HIDDEN = new RegExp(`[${FORBIDDEN}]`, 'u');
/**
 * A mark at the beginning sits on what stands before it; more than four on one letter run over other lines
 * (UTS 39, 5.4).
 */
const OVERFLOW = /^\p{M}|[\p{Mn}\p{Me}]{5}/mu;
/** The blank of Braille is a sign that shows nothing. */
const BLANK = /^[\p{White_Space}\u2800]+$/u;

/**
 * Whether everybody who sees a text sees all of it, in its order: nothing hidden, nothing turned around, not
 * blank.
 */
export function isPlainText(text: string, lines = false): boolean {
  const shown = (lines ? text.replace(/\r?\n/g, ' ') : text).replace(NEEDED, '');
  return !HIDDEN.test(shown) && !OVERFLOW.test(text) && !BLANK.test(text);
}

/**
 * For whoever writes: a value of its schema whose texts are all plain. A text has lines where its schema says
 * so.
 * @throws Refused `schema`; `text`, with a pointer to the member
 */
export function requirePlainText(schema: TSchema, value: unknown, at = ''): void {
  if (!check(schema, value)) refuse('schema');
  const wrong = findText(value, (text, of) => !isPlainText(text, hasLines(of)), schema, at);
  if (wrong !== undefined) refuse('text', wrong);
}

function hasLines(schema: unknown): boolean {
  return (schema as { readonly lines?: unknown }).lines === true;
}

const SIGNS = new RegExp(`(${NEEDED.source})|[${FORBIDDEN}]`, 'gu');
const MARKS = /([\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]+/gu;

function withoutHidden(text: string, instead: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(SIGNS, (_sign, needed?: string) => needed ?? instead));
  return lines.join('\n').replace(MARKS, '$1');
}

/**
 * A text that others wrote, as it can be shown: what would hide or turn something around is a visible sign
 * (U+FFFD).
 * @example
 * show(visibleText(target.name));
 */
export function visibleText(text: string): string {
  return withoutHidden(text.replaceAll('\r\n', '\n'), '\uFFFD');
}

/**
 * The same inside a sentence: each line isolated (U+2068, U+2069), so that its direction is its own affair.
 * @example
 * show(`Envoyé à ${isolatedText(target.name)}.`);
 */
export function isolatedText(text: string): string {
  return visibleText(text).replace(/[^\n]+/g, '\u2068$&\u2069');
}

/**
 * What somebody typed, without what keyboards and copying put into it unseen: for pages, before it is said.
 * @example
 * const calledName = typedText(' Sam\u200B '); // 'Sam'
 */
export function typedText(text: string): string {
  return withoutHidden(text.replaceAll('\t', ' ').replace(/\r\n?|[\u2028\u2029]/g, '\n'), '').trim();
}
