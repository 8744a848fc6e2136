import { visibleText } from '../../protocol/encoding/plain-text.js';
import { dayIn } from '../device/days.js';
import type { Device } from '../device/device.js';
import { listServices } from './find.js';
import { listReferrals, type Referral } from './list.js';

/**
 * How many of one's own referrals of a month stand, or ended, in one way. Exact: an organisation may count
 * its own.
 */
export interface Figure {
  /** Month of sending, `YYYY-MM`, in the charter's time zone. */
  readonly month: string;
  readonly box: 'inbox' | 'outbox';
  /** The own service. */
  readonly service: string;
  readonly status: string;
  /** Code of why it was declined, held, cancelled or failed; empty where there is none. */
  readonly reason: string;
  readonly outcome: string;
  readonly count: number;
}

/** A language of the table's headings. */
export type FiguresLanguage = 'en' | 'fr' | 'nl';

const HEADERS: Readonly<Record<FiguresLanguage, readonly string[]>> = {
  en: ['month', 'received or sent', 'service', 'status', 'reason', 'outcome', 'number'],
  fr: ['mois', 'reçu ou envoyé', 'service', 'statut', 'motif', 'résultat', 'nombre'],
  nl: ['maand', 'ontvangen of verzonden', 'dienst', 'status', 'reden', 'resultaat', 'aantal'],
};
const BOXES: Readonly<Record<FiguresLanguage, Readonly<Record<Figure['box'], string>>>> = {
  en: { inbox: 'received', outbox: 'sent' },
  fr: { inbox: 'reçu', outbox: 'envoyé' },
  nl: { inbox: 'ontvangen', outbox: 'verzonden' },
};

/**
 * The figures of this device's services, out of its own lists: as far back as the server keeps referrals.
 * @throws Problem `unauthorised` where the device was revoked
 * @example
 * for (const { month, status, count } of await ownFigures(device)) show(month, status, count);
 */
export async function ownFigures(device: Device): Promise<Figure[]> {
  const { timeZone } = await device.charter();
  const figures: Figure[] = [];
  for (const box of ['inbox', 'outbox'] as const) {
    const open = await listReferrals(device, box);
    const closed = await listReferrals(device, box, 'closed');
    // one that ended between the two lists is in both, and counts as it is now
    const all = new Map([...open, ...closed].map((each) => [each.referral, each]));
    figures.push(...countBy(box, timeZone, [...all.values()]));
  }
  return figures;
}

function countBy(box: Figure['box'], timeZone: string, referrals: readonly Referral[]): Figure[] {
  const counts = new Map<string, Figure>();
  for (const { sentAt, source, target, status, statusReason, outcome } of referrals) {
    const of = {
      month: dayIn(timeZone, sentAt).slice(0, 7),
      box,
      service: box === 'inbox' ? target : source,
      status,
      reason: statusReason ?? '',
      outcome: outcome ?? '',
    };
    const key = JSON.stringify(of);
    counts.set(key, { ...of, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, figure]) => figure);
}

/**
 * The figures as a table (RFC 4180) for a spreadsheet: services by name, states and reasons by their codes.
 * @throws Problem `unauthorised` where the device was revoked
 * @example
 * await save(await figuresCsv(device, 'fr'));
 */
export async function figuresCsv(device: Device, language: FiguresLanguage = 'en'): Promise<string> {
  const names = new Map((await listServices(device)).map(({ id, name }) => [id, name]));
  const rows = (await ownFigures(device)).map(({ month, box, service, status, reason, outcome, count }) => [
    month,
    BOXES[language][box],
    visibleText(names.get(service) ?? service),
    status,
    reason,
    outcome,
    String(count),
  ]);
  return [HEADERS[language], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A name that begins like a formula would be one, for the spreadsheet that opens the file. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
