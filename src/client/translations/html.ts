import { visibleText } from '../../protocol/encoding/plain-text.js';
import { fill, type TranslationLanguage } from './translations.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that others wrote, as text: no markup in it is markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * A name or a line that others wrote, among our words: its direction stays its own, and nothing in it is
 * hidden.
 */
export function isolate(text: string): string {
  return `<bdi>${escapeHtml(visibleText(text))}</bdi>`;
}

/** A sentence of ours with such names in place of `{…}`. */
export function fillHtml(sentence: string, names: Readonly<Record<string, string>>): string {
  const isolated = Object.entries(names).map(([name, value]) => [name, isolate(value)] as const);
  return fill(escapeHtml(sentence), Object.fromEntries(isolated));
}

/** A whole document without script; nothing in it is fetched from anywhere. */
export function htmlDocument(
  language: TranslationLanguage,
  title: string,
  style: string,
  body: string,
): string {
  const direction = language === 'ar' ? 'rtl' : 'ltr';
  return `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
