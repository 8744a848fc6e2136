import { canonicalText } from '../../protocol/encoding/json.js';
import { writeEmbeddedCase } from '../../protocol/audit/embedded-case.js';
import type { ReadMessage, RefusedMessage } from '../referral/messages.js';
import { visibleText } from '../../protocol/encoding/plain-text.js';
import { escapeHtml, fillHtml, htmlDocument, isolate } from '../translations/html.js';
import { recordText } from '../translations/record-text.js';
import type { ReceiptStory, Shared } from './receipt-story.js';
import type { ProvenStatement } from '../referral/proofs.js';
import {
  dayText,
  fill,
  labelOf,
  translations,
  type Translations,
  type TranslationLanguage,
} from '../translations/translations.js';

/** Everything of a person's case that goes into their copy. */
export interface ReceiptFileOptions {
  readonly story: ReceiptStory;
  /** Absent once nothing of what was passed on is kept. */
  readonly shared: Shared | undefined;
  readonly proofs: readonly ProvenStatement[];
  readonly messages: readonly (ReadMessage | RefusedMessage)[];
  readonly language: TranslationLanguage;
}

const STYLE = `body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.55 system-ui,sans-serif;color:#22262a;background:#fff}
dt{color:#545b62}dd{margin:0 0 .8rem}dd,.text{white-space:pre-wrap;overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.7rem}
.strong{font-size:1.2rem;font-weight:600}@media print{pre{font-size:.55rem}}`;

/**
 * Everything of a person's case as one document that can be read and printed; without script, and nothing is
 * fetched. At its end stand the signed statements, their proofs and the case file, which `relais verify`
 * takes out again.
 * @example
 * const mine = await (await Receipt.fromCode('https://relais.example', code)).open();
 * const [story, shared] = [await mine.story(), await mine.shared()];
 * const [proofs, messages] = [await mine.proofs(), await mine.messages()];
 * show(receiptFile({ story, shared, proofs, messages, language: 'fr' }));
 */
export function receiptFile(of: ReceiptFileOptions): string {
  const { file } = translations(of.language);
  const body = [standing(of), shared(of), messages(of), proofs(of)].join('\n');
  return htmlDocument(of.language, file.title, STYLE, `<h1>${escapeHtml(file.title)}</h1>\n${body}`);
}

function standing({ story, language }: ReceiptFileOptions): string {
  const said = translations(language);
  const status = labelOf(said.statuses, story.status);
  return `<p>${escapeHtml(fill(said.file.made, { day: dayText(language, story.today) }))}</p>
<p class="strong">${escapeHtml(status)}</p>
<ul>${sentences(story, said.file, language)
    .map((sentence) => `<li>${sentence}</li>`)
    .join('')}</ul>`;
}

/** As HTML: the services' names are what others wrote. */
function sentences(story: ReceiptStory, file: Translations['file'], language: TranslationLanguage): string[] {
  const { source, target, withdrawn, invalidated } = story;
  const day = (text: string): string => dayText(language, text);
  const names = { source: source.service.name, target: target.service.name };
  const opened = story.disclosures.map((seen) =>
    fillHtml(file.opened, {
      service: seen.service === target.service.id ? names.target : names.source,
      day: day(seen.day),
    }),
  );
  const erased = (['source', 'target'] as const).filter((side) => story.erased[side]);
  const byService = withdrawn && withdrawn.by !== 'person' ? names[withdrawn.by] : undefined;
  return [
    ...(withdrawn ? [fillHtml(file.withdrawn, { day: day(withdrawn.day) })] : []),
    ...(byService === undefined ? [] : [fillHtml(file.withdrawnWord, { service: byService })]),
    ...(invalidated ? [fillHtml(file.invalidated, { day: day(invalidated.day) })] : []),
    fillHtml(file.between, names),
    fillHtml(file.given, { day: day(story.given) }),
    ...(opened.length > 0 ? opened : [escapeHtml(file.openedNot)]),
    ...story.renewals.map((each) =>
      fillHtml(file.renewed, { day: day(each.day), until: day(each.keepUntil) }),
    ),
    story.contentKept ? fillHtml(file.kept, { day: day(story.keepUntil) }) : escapeHtml(file.deleted),
    ...erased.map((side) => fillHtml(file.erasedBy, { service: names[side] })),
  ];
}

function shared({ shared: opened, language }: ReceiptFileOptions): string {
  const said = translations(language);
  const heading = `<h2>${escapeHtml(said.file.shared)}</h2>`;
  if (!opened) return `${heading}<p>${escapeHtml(said.file.sharedNone)}</p>`;
  const { record, consentRecord, notice } = opened;
  const members = Object.entries(record)
    .filter(([name]) => name !== 'attachments')
    .map(
      ([name, value]) =>
        `<dt>${escapeHtml(labelOf(said.fields, name))}</dt><dd dir="auto">${escapeHtml(visibleText(recordText(value, said, language)))}</dd>`,
    );
  const how = [
    labelOf(said.modalities, consentRecord.modality),
    labelOf(said.representations, consentRecord.representation),
  ];
  return `${heading}<dl>${members.join('')}</dl>
<h2>${escapeHtml(said.file.how)}</h2><p>${how.map(escapeHtml).join(' ')}</p>
${notice === undefined ? '' : `<h2>${escapeHtml(said.file.notice)}</h2><p class="text" dir="auto">${escapeHtml(notice)}</p>`}`;
}

function messages({ messages: thread, story, language }: ReceiptFileOptions): string {
  const { file } = translations(language);
  if (thread.length === 0) return '';
  const items = thread.map((message) => {
    if (message.side === null) return `<li>${escapeHtml(file.refused)}</li>`;
    const who = message.side === 'person' ? escapeHtml(file.you) : isolate(story[message.side].service.name);
    const kind = message.kind === 'correction' ? ` · ${file.correction}` : '';
    const head = `${who} · ${escapeHtml(`${dayText(language, message.day)}${kind}`)}`;
    return `<li>${head}<br><span class="text" dir="auto">${escapeHtml(visibleText(message.text))}</span></li>`;
  });
  return `<h2>${escapeHtml(file.messages)}</h2><ol>${items.join('')}</ol>`;
}

function proofs({ proofs: statements, shared: opened, language }: ReceiptFileOptions): string {
  const { file } = translations(language);
  const secrets = opened?.secrets;
  const shown = statements.map(
    ({ jws, proof }) => `<pre dir="ltr">${escapeHtml(`${jws}\n\n${proof}`)}</pre>`,
  );
  return `<h2>${escapeHtml(file.proofs)}</h2><p>${escapeHtml(file.proofsText)}</p>
${shown.join('\n')}
${writeEmbeddedCase(canonicalText({ statements, ...secrets }))}`;
}
