import encodeQR from 'qr';
import { escapeHtml, htmlDocument } from '../translations/html.js';
import { dayText, fill, translations, type TranslationLanguage } from '../translations/translations.js';

/** What stands on the person's paper, in which language and on which sheet. */
export interface PrintedReceiptOptions {
  /** The receipt code. It is on the paper and in nothing that is kept. */
  readonly code: string;
  /** The second code, on a slip of its own to be cut off. */
  readonly second?: string;
  /** Origin at which the page is served. */
  readonly address: string;
  readonly language: TranslationLanguage;
  /** The two dates of which the notice speaks. */
  readonly sendUntil: string;
  readonly keepUntil: string;
  /** Whether the person chose a word: it is not printed, only remembered to them. */
  readonly wordChosen: boolean;
  readonly format: 'a4' | '80mm';
}

const SHEETS = {
  a4: '@page{size:A4;margin:18mm}body{max-width:170mm}.qr svg{width:52mm}.code{font-size:22pt}',
  '80mm': '@page{size:80mm auto;margin:4mm}body{width:72mm}.qr svg{width:44mm}.code{font-size:13pt}',
} as const;
const STYLE = `*{box-sizing:border-box}body{margin:0 auto;font:11pt/1.45 sans-serif;color:#000;background:#fff}
h1{font-size:1.3em;margin:0 0 .6em}ol{margin:0 0 .8em;padding-inline-start:1.4em}p{margin:0 0 .8em}
.code{font-family:monospace;font-weight:700;letter-spacing:.02em;direction:ltr;text-align:center}.code span{display:inline-block;margin:0 .25em}
.qr{text-align:center}dl{margin:0 0 .8em}dt,dd{display:inline;margin:0}dd{font-weight:700}dd::after{content:"";display:block}
section+section{border-top:1px dashed #000;margin-top:8mm;padding-top:8mm}section{break-inside:avoid}`;

/**
 * The receipt as a sheet to print, made on the device: a whole HTML document without script. Neutral to
 * whoever finds it: no service, no name, nothing of what it is about.
 * @example
 * const days = { sendUntil: '2030-01-14', keepUntil: '2030-05-01' };
 * const of = { code, address: 'https://relais.example', language: 'fr', wordChosen: false } as const;
 * show(printedReceipt({ ...of, ...days, format: '80mm' }));
 */
export function printedReceipt(of: PrintedReceiptOptions): string {
  const { paper } = translations(of.language);
  const slips = [
    slip(of, of.code, paper.title),
    ...(of.second === undefined ? [] : [slip(of, of.second, paper.other)]),
  ];
  return htmlDocument(of.language, paper.title, STYLE + SHEETS[of.format], slips.join('\n'));
}

function slip(of: PrintedReceiptOptions, code: string, title: string): string {
  const { paper } = translations(of.language);
  const { host } = new URL(of.address);
  const address = `${host}/receipt`;
  const steps = paper.how.map(
    (step) => `<li>${fill(escapeHtml(step), { address: `<b dir="ltr">${escapeHtml(address)}</b>` })}</li>`,
  );
  const dates = [
    [paper.first, of.sendUntil],
    [paper.second, of.keepUntil],
  ].map(
    ([name = '', day = '']) =>
      `<dt>${escapeHtml(name)}:</dt> <dd>${escapeHtml(dayText(of.language, day))}</dd>`,
  );
  return `<section>
<h1>${escapeHtml(title)}</h1>
<div class="qr">${square(`${new URL(of.address).origin}/receipt#${code}`, paper.code)}</div>
<p class="code">${code
    .split('-')
    .map((group) => `<span>${escapeHtml(group)}</span>`)
    .join('')}</p>
<ol>${steps.join('')}</ol>
<dl>${dates.join('')}</dl>
${of.wordChosen ? `<p>${escapeHtml(paper.word)}</p>` : ''}
<p>${escapeHtml(paper.lost)}</p>
</section>`;
}

/** The code stands behind `#`: no browser sends it. */
function square(text: string, name: string): string {
  const svg = encodeQR(text, 'svg', { ecc: 'medium', border: 4 });
  return svg.replace('<svg', `<svg role="img" aria-label="${escapeHtml(name)}"`);
}
