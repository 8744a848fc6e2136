import type { ServiceProfile } from '../../../protocol/schemas/service-profile.js';
import { termWithParents } from '../../../protocol/directory/taxonomy.js';

/** Words are compared by so many letters, without accents and a plural's last one: `soupes` finds `soupe`. */
const STEM = 6;
const PLURAL = /(?<=.{3})[sx]$/;
const MAX_WORDS = 400;

/** What somebody looks for. It is compared and forgotten: it stands in no table, no log line and no URL. */
export interface Sought {
  readonly text?: string | undefined;
  readonly language?: string | undefined;
  readonly term?: string | undefined;
}

/** The key of every service that has published a profile. */
const ALL = 'all';

/**
 * Everything by which a profile is found: its words, those of its names, its languages, its terms and the
 * wider ones.
 */
export function keysOf(profile: ServiceProfile, names: readonly string[]): string[] {
  const terms = profile.terms.flatMap(termWithParents);
  const texts = [
    ...Object.values(profile.description),
    ...terms.flatMap(({ labels }) => [labels.en, labels.fr, labels.nl]),
  ];
  const words = [...names, ...texts].flatMap(wordsOf);
  const languages = profile.languages.flatMap((tag) => [tag, tag.split('-')[0] ?? tag]);
  return [
    ...new Set([
      ALL,
      ...terms.map(({ code }) => `term:${code}`),
      ...languages.map((tag) => `language:${tag.toLowerCase()}`),
      ...words.slice(0, MAX_WORDS).map((word) => `word:${word}`),
    ]),
  ];
}

/** The keys that a service must have, what is probably rarest first: a page is read along that one. */
export function soughtKeys({ text, term, language }: Sought): [string, ...string[]] {
  const keys = [
    ...new Set(wordsOf(text ?? '').map((word) => `word:${word}`)),
    ...(term === undefined ? [] : [`term:${term}`]),
    ...(language === undefined ? [] : [`language:${language.toLowerCase()}`]),
  ];
  return [keys[0] ?? ALL, ...keys.slice(1)];
}

/** The words of a text, as they are compared. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) =>
    Array.from(word).slice(0, STEM).join('').replace(PLURAL, ''),
  );
}
