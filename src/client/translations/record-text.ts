import { labelOf, type Translations } from './translations.js';

const LANGUAGE_TAG = /^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$/;

/** A member of a handoff's record as text: as it was written; codes, languages, yes and no translated. */
export function recordText(value: unknown, translations: Translations, language: string): string {
  if (typeof value === 'boolean') return value ? translations.yes : translations.no;
  if (Array.isArray(value)) return value.map((each) => listed(String(each), language)).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => memberText(name, part, translations, language))
    .join(' · ');
}

function memberText(name: string, part: unknown, translations: Translations, language: string): string {
  if (name === 'mode') return labelOf(translations.contactModes, String(part));
  return `${labelOf(translations.contactMembers, name)}: ${recordText(part, translations, language)}`;
}

/** A language tag by its name; any other text is itself. */
function listed(text: string, language: string): string {
  if (!LANGUAGE_TAG.test(text)) return text;
  return new Intl.DisplayNames([language], { type: 'language' }).of(text) ?? text;
}
