import { dayIn } from '../device/days.js';
import type { OrganisationExport, OpenedExportedReferral } from './export.js';
import { escapeHtml, htmlDocument } from '../translations/html.js';
import { recordText } from '../translations/record-text.js';
import { dayText, fill, labelOf, translations } from '../translations/translations.js';

type PageLanguage = 'en' | 'fr' | 'nl';

interface Said {
  readonly title: string;
  readonly made: string;
  readonly care: string;
  readonly sent: string;
  readonly received: string;
  readonly until: string;
  readonly purpose: string;
  readonly erased: string;
  readonly refused: string;
}

const SAY: Readonly<Record<PageLanguage, Said>> = {
  en: {
    title: 'What {organisation} took along',
    made: 'Exported on {day}; {count} referrals.',
    care: 'This page shows what was passed on in confidence. Keep it under lock, and delete each part when its day has come.',
    sent: 'Sent',
    received: 'Received',
    until: 'To be deleted by {day}',
    purpose: 'Purpose: {purpose}',
    erased: 'Nothing of what was passed on was kept, or it had not been acknowledged.',
    refused: 'This does not hold ({check}), so nothing of it is shown.',
  },
  fr: {
    title: 'Ce que {organisation} a emporté',
    made: 'Exporté le {day} ; {count} orientations.',
    care: 'Cette page montre ce qui a été confié. Gardez-la sous clé, et effacez chaque partie quand son jour est venu.',
    sent: 'Envoyé',
    received: 'Reçu',
    until: 'À effacer le {day} au plus tard',
    purpose: 'But : {purpose}',
    erased: 'Rien de ce qui a été transmis n’était gardé, ou la réception n’avait pas été confirmée.',
    refused: 'Ceci ne tient pas ({check}) ; rien n’en est montré.',
  },
  nl: {
    title: 'Wat {organisation} heeft meegenomen',
    made: 'Uitgevoerd op {day}; {count} doorverwijzingen.',
    care: 'Deze pagina toont wat in vertrouwen is doorgegeven. Bewaar ze achter slot, en wis elk deel als zijn dag gekomen is.',
    sent: 'Verzonden',
    received: 'Ontvangen',
    until: 'Te wissen op {day} ten laatste',
    purpose: 'Doel: {purpose}',
    erased: 'Niets van wat is doorgegeven werd bewaard, of de ontvangst was niet bevestigd.',
    refused: 'Dit klopt niet ({check}); er wordt niets van getoond.',
  },
};

const STYLE = `body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.55 system-ui,sans-serif;color:#22262a;background:#fff}
dt{color:#545b62}dd{margin:0 0 .8rem;white-space:pre-wrap;overflow-wrap:anywhere}section{border-top:1px solid #ccc;break-inside:avoid}
code{font-size:.8rem}`;

/**
 * An opened export as one page to read and to print; without script, and nothing is fetched.
 * @example
 * const { file } = await exportOrganisation(device);
 * const exported = openOrganisationExport(file, paperCode);
 * await save(exportPage(exported, openExportedReferrals(exported, paperCode), 'fr'));
 */
export function exportPage(
  taken: OrganisationExport,
  referrals: readonly OpenedExportedReferral[],
  language: PageLanguage,
): string {
  const say = SAY[language];
  const title = fill(say.title, { organisation: taken.organisation.name });
  const made = fill(say.made, { day: dayText(language, taken.day), count: `${referrals.length}` });
  const sections = referrals.map((each) => section(each, taken, language));
  const body = `<h1 dir="auto">${escapeHtml(title)}</h1>
<p>${escapeHtml(made)}</p>
<p><strong>${escapeHtml(say.care)}</strong></p>
${sections.join('\n')}`;
  return htmlDocument(language, title, STYLE, body);
}

function section(
  { referral, opened }: OpenedExportedReferral,
  { services, timeZone = 'UTC' }: OrganisationExport,
  language: PageLanguage,
): string {
  const said = translations(language);
  const say = SAY[language];
  const side = services.includes(referral.source) ? say.sent : say.received;
  const lines = [
    `${side} · ${dayText(language, dayIn(timeZone, referral.sentAt))} · ${labelOf(said.statuses, referral.status)}`,
    fill(say.until, { day: dayText(language, referral.keepUntil) }),
  ];
  return `<section>
<h2>${lines.map(escapeHtml).join('<br>')}</h2>
<p><code dir="ltr">${escapeHtml(referral.referral)}</code></p>
${content(opened, language)}
</section>`;
}

function content(opened: OpenedExportedReferral['opened'], language: PageLanguage): string {
  const said = translations(language);
  const say = SAY[language];
  if ('refused' in opened) {
    const sentence = opened.refused === 'erased' ? say.erased : fill(say.refused, { check: opened.refused });
    return `<p>${escapeHtml(sentence)}</p>`;
  }
  const { record, consentRecord } = opened;
  const purpose = fill(say.purpose, { purpose: labelOf(said.purposes, consentRecord.purpose) });
  // files are not in an export, so what names and opens them says nothing here
  const shown = Object.entries(record).filter(([name]) => name !== 'attachments');
  const members = shown.map(
    ([name, value]) =>
      `<dt>${escapeHtml(labelOf(said.fields, name))}</dt><dd dir="auto">${escapeHtml(recordText(value, said, language))}</dd>`,
  );
  return `<p>${escapeHtml(purpose)}</p><dl>${members.join('')}</dl>`;
}
