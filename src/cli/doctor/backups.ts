import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESTORED } from '../../database/index.js';
import { LAST_BACKUP, RECIPIENTS } from '../backup.js';
import { doubtful, good, type Finding } from './finding.js';

const WHAT = 'Backups';
const DAY_MS = 86_400_000;
const OLD_DAYS = 7;

/** Whether a lost disk would be a lost network. */
export function checkBackups(data: string, now: Date): Finding {
  if (!existsSync(join(data, 'keys'))) return good(WHAT, 'there is nothing to lose yet');
  if (existsSync(join(data, RESTORED)))
    return doubtful(
      WHAT,
      'this network was put back from one, and signs nothing before its witnesses agree',
      'Start it, and give it the copies of its witnesses: relais log recover DIR',
    );
  if (!existsSync(join(data, RECIPIENTS)))
    return doubtful(
      WHAT,
      'there is no recovery key: whoever loses this disk loses the network',
      'relais backup new-key, once; then every night: relais backup DIR',
    );
  return checkAge(join(data, LAST_BACKUP), now);
}

function checkAge(path: string, now: Date): Finding {
  const last = existsSync(path) ? new Date(readFileSync(path, 'utf8')) : undefined;
  const mend = 'Every night: relais backup DIR, with DIR on another disk';
  if (!last) return doubtful(WHAT, 'none was made here yet', mend);
  const days = Math.floor((now.getTime() - last.getTime()) / DAY_MS);
  const says = `the last one is of ${last.toISOString().slice(0, 10)}`;
  return days < OLD_DAYS ? good(WHAT, says) : doubtful(WHAT, says, mend);
}
