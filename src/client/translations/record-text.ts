import { labelOf, type Words } from './words.js';

const LANGUAGE_TAG = /^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$/;

/** A member of a handoff's record as text: as it was written; codes, languages, yes and no in the words given. */
export function recordText(value: unknown, words: Words, language: string): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value)) return value.map((each) => listed(String(each), language)).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => memberText(name, part, words, language))
    .join(' · ');
}

function memberText(name: string, part: unknown, words: Words, language: string): string {
  if (name === 'mode') return labelOf(words.contactModes, String(part));
  return `${labelOf(words.contactMembers, name)}: ${recordText(part, words, language)}`;
}

/** A language tag by its name; any other text is itself. */
function listed(text: string, language: string): string {
  if (!LANGUAGE_TAG.test(text)) return text;
  return new Intl.DisplayNames([language], { type: 'language' }).of(text) ?? text;
}
