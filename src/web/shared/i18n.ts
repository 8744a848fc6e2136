import { createContext, h, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { MessageFormat } from 'messageformat';
import { dayText, translations, type Translations } from '../../client/translations/translations.js';
import { visibleText } from '../../protocol/encoding/plain-text.js';
import type english from '../messages/en.json';

export const LANGUAGES = ['fr', 'nl', 'en', 'ar'] as const;
export type Language = (typeof LANGUAGES)[number];

type Messages = Record<keyof typeof english, string>;
export type MessageKey = keyof Messages;
/** A message that is missing, or that English does not have, does not compile. */
type Complete<T> = (() => Promise<{ default: T }>) &
  (Exclude<keyof T, MessageKey> extends never ? unknown : never) &
  (T extends Messages ? unknown : never);

function complete<T>(load: Complete<T>): () => Promise<{ default: T }> {
  return load;
}

const MESSAGES = {
  fr: complete(() => import('../messages/fr.json')),
  nl: complete(() => import('../messages/nl.json')),
  en: complete(() => import('../messages/en.json')),
  ar: complete(() => import('../messages/ar.json')),
} satisfies Record<Language, () => Promise<{ default: Messages }>>;

export interface Speech {
  readonly language: Language;
  /** The labels of the consent screen: the same words where somebody agrees and where they look again. */
  readonly translations: Translations;
  /** A message in the language of the page (MessageFormat 2). */
  readonly say: (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;
  /** The same with what others wrote in it: names, each isolated from our words. */
  readonly tell: (key: MessageKey, names: Readonly<Record<string, string>>) => ComponentChildren;
  /** A day (YYYY-MM-DD) as people write it. */
  readonly day: (day: string) => string;
}

export async function loadSpeech(language: Language): Promise<Speech> {
  const { default: messages } = await MESSAGES[language]();
  // digits as on the paper, whatever the language's own are
  const locale = `${language}-u-nu-latn`;
  const bidiIsolation = language === 'ar' ? 'default' : 'none';
  return {
    language,
    translations: translations(language),
    say: (key, values) => new MessageFormat(locale, messages[key], { bidiIsolation }).format(values),
    tell: (key, names) =>
      new MessageFormat(locale, messages[key], { bidiIsolation: 'none' })
        .formatToParts(names)
        .map((part) =>
          part.type === 'string'
            ? h('bdi', null, visibleText(part.value))
            : 'value' in part && String(part.value),
        ),
    day: (day) => dayText(language, day),
  };
}

/**
 * The first language that this person's device asks for and the page speaks; French is the network's first.
 */
export function preferredLanguage(): Language {
  const asked = navigator.languages.map((tag) => tag.split('-')[0]);
  return LANGUAGES.find((language) => language === asked.find((tag) => isLanguage(tag))) ?? 'fr';
}

export function isLanguage(tag: string | undefined): tag is Language {
  return LANGUAGES.some((language) => language === tag);
}

export function directionOf(language: Language): 'rtl' | 'ltr' {
  return language === 'ar' ? 'rtl' : 'ltr';
}

export const SpeechContext = createContext<Speech | undefined>(undefined);

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error('a screen was drawn before its translations were there');
  return speech;
}
