import type { Restored } from '../../database/backup/index.js';
import type { Language } from '../language.js';
import { fill } from '../../client/audit/audit-messages.js';
import { SAY } from './messages.js';

/** What came back, on one page, for whoever runs the machine. */
export function restoredPage(
  { manifest, rows, replayed, erasuresUntil }: Restored,
  language: Language,
): string {
  const say = SAY[language];
  const count = (...tables: string[]): string =>
    `${tables.reduce((sum, name) => sum + (rows[name] ?? 0), 0)}`;
  const list = erasuresUntil === undefined ? say.listLost : fill(say.list, { until: erasuresUntil });
  const what = fill(say.page, {
    network: manifest.network,
    taken: manifest.taken,
    organisations: count('organisation'),
    devices: count('device'),
    open: count('referral_open'),
    closed: count('referral_closed'),
    statements: count('statement_open', 'statement_closed'),
    erased: `${replayed.referrals}`,
    released: `${replayed.released}`,
    revoked: `${replayed.devices}`,
    list,
  });
  return `${what}\n`;
}
