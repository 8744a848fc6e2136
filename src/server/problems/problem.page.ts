import { LANGUAGES, type Language } from './remedies.js';

interface Shown {
  readonly type: string;
  readonly status: number;
  readonly cause: Readonly<Record<Language, string>>;
  readonly remedy: Readonly<Record<Language, string>>;
}

const HEADINGS: Readonly<Record<Language, readonly [string, string]>> = {
  fr: ['Pourquoi', 'Que faire'],
  nl: ['Waarom', 'Wat nu'],
  en: ['Why', 'What helps'],
};

/** One static page in three languages; every word of it is ours, so nothing has to be escaped. */
export function problemPage({ type, status, cause, remedy }: Shown): string {
  const code = type.split('/').at(-1) ?? '';
  const sections = LANGUAGES.map((language) => {
    const [why, what] = HEADINGS[language];
    return `<section lang="${language}"><h2>${why}</h2><p>${cause[language]}</p><h2>${what}</h2><p>${remedy[language]}</p></section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${code}</title><link rel="stylesheet" href="/docs/style.css"></head><body>
<main><h1><code>${code}</code> · ${status}</h1>${sections.join('\n')}</main></body></html>`;
}
