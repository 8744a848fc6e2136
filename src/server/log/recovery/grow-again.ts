import type { PoolClient } from 'pg';
import { named, sql, unprepared } from '../../../database/index.js';
import { equalBytes, toHex } from '../../../protocol/encoding/bytes.js';
import { readLeaf } from '../../../protocol/log/leaves.js';
import { rangeRoot } from '../../../protocol/log/merkle.js';
import type { SigningKey } from '../../../protocol/crypto/keys.js';
import { growTree } from '../grow.js';
import { lockHeads, readHeads, storeHead, type Head, type Heads, type LogKind } from '../heads.js';
import { growToEnd } from '../registry-round.js';
import { SigningRefused } from '../signing-refused.js';
import { treeReader } from '../tree.js';
import { readEntries, type MirroredLog } from './mirrors.js';

const v = named<{ pending: string; log: number; index: bigint }>();

const WAITING = unprepared('recovery-waiting', sql`SELECT id, leaf FROM log_pending`);
const TAKE = unprepared('recovery-take', sql`DELETE FROM log_pending WHERE id = ${v.pending}`);
const PLACE = unprepared(
  'recovery-place',
  sql`INSERT INTO log_position (pending, log, index) VALUES (${v.pending}, ${v.log}, ${v.index})`,
);

/**
 * Brings both logs of a restored database back to where the copies have them. What is signed on the way was
 * signed before: one key and one tree make one note. The registry's entries stand in the database by now.
 */
export async function growAgain(
  tx: PoolClient,
  keys: Readonly<Record<LogKind, SigningKey>>,
  consent: MirroredLog | undefined,
): Promise<Heads> {
  if (!(await lockHeads(tx))) throw new SigningRefused('another process signs these logs');
  const before = await readHeads(tx);
  const registry = await growToEnd(tx, before.registry, keys.registry);
  const grown = consent && (await growConsentAgain(tx, { ...before, registry }, consent));
  if (grown) await storeHead(tx, { ...grown, due: true }, keys.consent);
  return { ...before, registry, consent: grown ?? before.consent };
}

async function growConsentAgain(
  tx: PoolClient,
  { consent, registry }: Pick<Heads, 'consent' | 'registry'>,
  mirrored: MirroredLog,
): Promise<Head | undefined> {
  if (mirrored.checkpoint.size <= consent.size) {
    await requireSameTree(tx, consent, mirrored);
    return undefined;
  }
  const entries = (await readEntries(mirrored)).slice(Number(consent.size));
  const grown = await growTree(tx, consent, entries);
  if (!equalBytes(grown.root, mirrored.checkpoint.root))
    throw new SigningRefused('a witness has a copy of another consent log than this database');
  await findWaiting(tx, consent, entries);
  const anchor = entries.map(readLeaf).findLast((leaf) => leaf.anchor !== undefined)?.anchor;
  const anchoredSize = anchor === undefined ? consent.anchoredSize : await sizeAt(tx, registry, anchor);
  return { ...consent, ...grown, anchoredSize };
}

/** Nothing to add; but the tree that somebody has seen must be a part of this one. */
async function requireSameTree(tx: PoolClient, head: Head, { checkpoint }: MirroredLog): Promise<void> {
  const root =
    checkpoint.size === head.size
      ? head.root
      : await rangeRoot(treeReader(tx, head.log), 0n, checkpoint.size);
  if (checkpoint.size > 0n && !equalBytes(root, checkpoint.root))
    throw new SigningRefused('a witness has a copy of another consent log than this database');
}

/** Leaves that waited when the backup was taken, and went into the log afterwards, wait no more. */
async function findWaiting(tx: PoolClient, head: Head, entries: readonly Uint8Array[]): Promise<void> {
  const places = new Map(entries.map((leaf, i) => [toHex(leaf), head.size + BigInt(i)]));
  const { rows } = await tx.query<{ id: string; leaf: Buffer }>(WAITING.with());
  for (const { id, leaf } of rows) {
    const index = places.get(toHex(new Uint8Array(leaf)));
    if (index === undefined) continue;
    await tx.query(TAKE.with({ pending: id }));
    await tx.query(PLACE.with({ pending: id, log: head.log, index }));
  }
}

/** The registry's entries, over all years, when this was the root of its log. */
async function sizeAt(tx: PoolClient, registry: Head, root: Uint8Array): Promise<bigint> {
  const nodes = treeReader(tx, registry.log);
  for (let size = registry.size; size > 0n; size--)
    if (equalBytes(await rangeRoot(nodes, 0n, size), root)) return registry.first + size;
  throw new SigningRefused('the copy of the consent log stands on a registry that no copy has');
}
