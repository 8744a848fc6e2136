import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { connectionOptions } from '../connection.js';
import type { Place } from './backup.js';
import { KEPT_DAYS, readErasures, type Erasures } from './erasure-list.js';
import { RESTORED } from './mark.js';
import { eraseAgain, eraseEverything, forgetPlaces, type Replayed } from './replay.js';
import { tablesOf, toggleTriggers } from './tables.js';

/** What the database has erased since a day, as the triggers of the migration `backups` write it. */
const LIST_AGAIN = `INSERT INTO erased (line)
  SELECT concat_ws(' ', 'erased', encode(sha256(id::text::bytea), 'hex'), status, coalesce(status_reason, '-'), consent_state)
    FROM referral WHERE erased_on >= $1
  UNION ALL SELECT concat_ws(' ', 'released', encode(sha256(id::text::bytea), 'hex')) FROM referral_open WHERE passed
  UNION ALL SELECT concat_ws(' ', 'device', encode(sha256(id::text::bytea), 'hex'), revoked, revocation)
    FROM device WHERE revoked >= $1`;

/**
 * Before a server speaks: what the list names is erased, whatever state the disk has brought back, and a
 * database that did not know of it is marked as older than what was done. The other way round, a list that
 * was put back to an earlier state gets back what the database has erased since its last day.
 */
export async function eraseListed(owner: string, folders: readonly string[]): Promise<Replayed> {
  const { lines, until } = await readErasures(folders);
  return asOwner(owner, async (client) => {
    const erased = await withoutTriggers(client, () => eraseAgain(client, lines));
    if (erased.referrals + erased.devices > 0) await client.query('UPDATE network SET behind = true');
    const { rows } = await client.query<{ since: string }>(
      'SELECT coalesce($1::date, domain_today() - $2::integer)::text AS since',
      [until, KEPT_DAYS],
    );
    await client.query(LIST_AGAIN, [rows[0]?.since]);
    return erased;
  });
}

/**
 * Makes a restored database out of one that is older than what was signed, where it lies: what was erased
 * since is erased again, and the mark is set with which the next start asks the witnesses (see ADR 0018).
 * `folders` of the list; without them all content is erased, because nobody knows what was withdrawn.
 */
export async function restoreInPlace(
  { data, owner }: Place,
  folders: readonly string[] | undefined,
): Promise<Replayed> {
  return asOwner(owner, async (client) => {
    await requireBehind(client);
    const list = folders && (await requireList(client, folders));
    const replayed = await withoutTriggers(client, () =>
      list ? eraseAgain(client, list.lines) : eraseEverything(client),
    );
    await forgetPlaces(client);
    await writeFile(join(data, RESTORED), `${new Date().toISOString()}\n`, { mode: 0o600, flush: true });
    return replayed;
  });
}

async function requireBehind(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ behind: boolean }>('SELECT behind FROM network');
  if (rows[0]?.behind !== true)
    throw new Error(
      'this database is not known to be older than what was signed. Start Relais: if it is, Relais says so, and then ' +
        'this command restores it.',
    );
}

/** It must know at least of what this very database has erased last. */
async function requireList(client: pg.ClientBase, folders: readonly string[]): Promise<Erasures> {
  const list = await readErasures(folders);
  const { rows } = await client.query<{ last: string | null }>(
    'SELECT max(erased_on)::text AS last FROM referral WHERE erased_on >= domain_today() - $1::integer',
    [KEPT_DAYS],
  );
  const last = rows[0]?.last;
  if (list.until !== undefined && (last == null || list.until >= last)) return list;
  throw new Error(
    `${folders.join(' and ')}: not the list of what was erased, or not all of it. ` +
      'Find the right one; if it is lost, --erasures lost restores without any content.',
  );
}

/** Triggers are put to rest only where something is to change: that needs a lock that readers notice. */
async function withoutTriggers(client: pg.Client, change: () => Promise<Replayed>): Promise<Replayed> {
  await client.query('SAVEPOINT look');
  const found = await change();
  if (found.referrals + found.released + found.devices === 0) return found;
  await client.query('ROLLBACK TO look');
  const tables = await tablesOf(client);
  await toggleTriggers(client, tables, 'DISABLE');
  const changed = await change();
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  await toggleTriggers(client, tables, 'ENABLE');
  return changed;
}

async function asOwner<T>(owner: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionOptions(owner));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    const done = await act(client);
    await client.query('COMMIT');
    return done;
  } finally {
    await client.end();
  }
}
