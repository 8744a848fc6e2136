import type { PoolClient } from 'pg';
import { named, sql, unprepared } from '../../database/index.js';
import { toBase64url } from '../../protocol/encoding/bytes.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { ALGORITHM, formatVkey, noteKey } from '../../protocol/log/note.js';
import { canonicalText } from '../../protocol/encoding/json.js';
import type { Payload } from '../../protocol/schemas/signed.js';
import { readUnverified, requirePayload, sign } from '../../protocol/encoding/signed.js';
import { appendRegistryEntries, lockRegistry } from './append.js';
import type { PadMaterial } from './compose.js';
import { endConsent } from './consent-round.js';
import { insertLog } from './first-start.js';
import { readHeads, type Head, type Heads, type LogKind } from './heads.js';
import { growToEnd } from './registry-round.js';
import { SigningRefused } from './signing-refused.js';

const v = named<{ log: number | undefined }>();

const CLOSE = unprepared('log-close-year', sql`UPDATE log SET state = 'closed' WHERE state = 'open'`);
const COMMON = unprepared(
  'log-network',
  sql`SELECT id AS network, domain_today()::text AS from FROM network`,
);
const MOVE = unprepared('log-move-registry', sql`UPDATE registry_head SET log = ${v.log}`);

export type LogKeys = Readonly<Record<LogKind, SigningKey>>;

export interface Turn {
  readonly heads: Heads;
  /** Of the year that ends. */
  readonly keys: LogKeys;
  readonly material: PadMaterial;
  readonly nextKeys: LogKeys;
}

/**
 * Ends the pair of logs of a year and begins the next one's, in the caller's transaction: the registry's last
 * entry names the new keys, the consent log ends with an anchor of it, and the new registry's first entry
 * says how both ended. What waited in the outbox is still in the old log; the new consent log begins with an
 * anchor, in the next round.
 */
export async function turnYear(tx: PoolClient, turn: Turn): Promise<void> {
  const { heads, keys } = turn;
  await appendRegistryEntries(tx, [announcementOf(await holdRegistry(tx), turn)]);
  const registry = await growToEnd(tx, heads.registry, keys.registry);
  await endPair(tx, { ...turn, heads: { ...heads, registry } });
}

/**
 * The rest of it, once the registry has named the new keys. `opening` is the new registry's first entry where
 * there was one already, before a restore: then the consent log must have ended as it says. Answers the heads
 * of the ended logs.
 */
export async function endPair(tx: PoolClient, turn: Turn, opening?: string): Promise<readonly Head[]> {
  const { heads, keys, material, nextKeys } = turn;
  const { registry } = heads;
  const common = await holdRegistry(tx);
  const consent =
    opening === undefined ? await endConsent(tx, { heads, key: keys.consent, material }) : heads.consent;
  await tx.query(CLOSE.with());
  await openPair(tx, registry, nextKeys);
  const closed = { consent: treeOf(consent), registry: treeOf(registry) };
  if (opening !== undefined) requireClosed(opening, closed);
  const first = { ...common, key: toBase64url(nextKeys.registry.publicKey), ...closed };
  await appendRegistryEntries(tx, [opening ?? sign('log-opening+jws', first, nextKeys.registry)]);
  await growToEnd(tx, (await readHeads(tx)).registry, nextKeys.registry);
  return [registry, consent];
}

function requireClosed(opening: string, closed: Pick<Payload<'log-opening+jws'>, LogKind>): void {
  const { payload } = readUnverified(opening);
  const { consent, registry } = requirePayload('log-opening+jws', payload);
  if (canonicalText({ consent, registry }) !== canonicalText(closed))
    throw new SigningRefused('no copy has the end of last year’s logs');
}

/** Nobody adds to the registry meanwhile, as in `RegistryService.lock`. */
async function holdRegistry(tx: PoolClient): Promise<Common> {
  await lockRegistry(tx);
  const { rows } = await tx.query<Common>(COMMON.with());
  return rows[0] ?? { network: '', from: '' };
}

interface Common {
  readonly network: string;
  readonly from: string;
}

function announcementOf(common: Common, { heads, keys, nextKeys }: Turn): string {
  const vkeyOf = (kind: LogKind): string => {
    const origin = `relais-${common.network}/${kind}/${heads.registry.year + 1}`;
    return formatVkey(noteKey(origin, ALGORITHM.log, nextKeys[kind].publicKey));
  };
  const next = { consent: vkeyOf('consent'), registry: vkeyOf('registry') };
  const payload = { ...common, key: toBase64url(keys.registry.publicKey), ...next };
  return sign('log-key+jws', payload, keys.registry);
}

/** Rows of the pair of the next year, and the registry goes on in it. */
async function openPair(tx: PoolClient, registry: Head, nextKeys: LogKeys): Promise<void> {
  const [first, year] = [registry.first + registry.size, registry.year + 1];
  const name = (kind: LogKind): string => registry.origin.replace(/registry\/[0-9]{4}$/, kind);
  await insertLog(tx, { kind: 'consent', name: name('consent'), year, first: 0n, key: nextKeys.consent });
  const log = await insertLog(tx, {
    kind: 'registry',
    name: name('registry'),
    year,
    first,
    key: nextKeys.registry,
  });
  await tx.query(MOVE.with({ log }));
}

function treeOf({ origin, size, root }: Head): { origin: string; size: number; root: string } {
  return { origin, size: Number(size), root: toBase64url(root) };
}
