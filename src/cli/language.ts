export const LANGUAGES = ['en', 'fr', 'nl'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * The language of whoever sits at this terminal, where we speak it; an empty variable says nothing, as
 * everywhere.
 */
export function languageOfTerminal(): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const named = [LC_ALL, LC_MESSAGES, LANG].find(Boolean)?.slice(0, 2) ?? '';
  return isLanguage(named) ? named : 'en';
}

export function isLanguage(text: string): text is Language {
  return LANGUAGES.some((language) => language === text);
}
