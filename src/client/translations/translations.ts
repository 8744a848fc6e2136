import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import nl from './nl.json' with { type: 'json' };

type Same<T> = T extends string
  ? string
  : T extends readonly string[]
    ? readonly string[]
    : { readonly [K in keyof T]: Same<T[K]> };

/**
 * The translations of the consent screen, of the person’s page, of their paper and their copy, in one
 * language.
 */
export type Translations = Same<typeof en>;

/** A language that lacks one of the texts does not compile. */
const TRANSLATIONS = { en, fr, nl, ar } satisfies Readonly<Record<string, Translations>>;

/** A language that this software speaks. */
export type TranslationLanguage = keyof typeof TRANSLATIONS;

/**
 * Plain words (B1) for codes, fields and sentences; `{…}` is filled in by `fill`.
 * @example
 * show(translations('nl').purposes['health-care']);
 */
export function translations(language: TranslationLanguage): Translations {
  return TRANSLATIONS[language];
}

/** The label of a code in one of the lists of labels; a code that is not known yet is its own label. */
export function labelOf(labels: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(labels, code) ? (labels[code] ?? code) : code;
}

/** A sentence with its values in place of `{…}`. */
export function fill(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

/** A day (`YYYY-MM-DD`) as people write it, in digits that every paper uses. */
export function dayText(language: TranslationLanguage, day: string): string {
  const format = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: 'long', timeZone: 'UTC' });
  return format.format(new Date(`${day}T00:00:00Z`));
}
