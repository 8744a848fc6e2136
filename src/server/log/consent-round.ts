import type { PoolClient } from 'pg';
import { named, prepared, sql } from '../../database/index.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import type { PendingLeaf } from './batch.js';
import { composeBatch, mayAnchor, type Batch, type PadMaterial } from './compose.js';
import { growTree } from './grow.js';
import { entriesOf, storeHead, type Head, type Heads } from './heads.js';
import { isDue } from './publication.js';

const v = named<{ most: number | null; log: number; ids: readonly string[]; indexes: readonly bigint[] }>();

const TAKE_PENDING = prepared(
  'log-take-pending',
  sql`DELETE FROM log_pending p USING (
        SELECT ctid FROM log_pending ORDER BY number LIMIT ${v.most}
      ) AS batch WHERE p.ctid = batch.ctid
      RETURNING p.id, p.tag, p.number, p.leaf`,
);
const WRITE_POSITIONS = prepared(
  'log-write-positions',
  sql`INSERT INTO log_position (pending, log, index) SELECT p, ${v.log}, i
    FROM unnest(${v.ids}::uuid[], ${v.indexes}::bigint[]) AS t (p, i)`,
);

/** Leaves that one batch takes at most, so that memory and the length of a transaction have a bound. */
export const MOST_LEAVES = 8192;

export interface ConsentRound {
  readonly heads: Heads;
  readonly key: SigningKey;
  readonly material: PadMaterial;
  readonly delaySeconds: number;
}

export type ConsentOutcome = 'idle' | 'grown' | 'more';

/**
 * Empties the outbox into the consent log. `heads.registry` is the registry as it was read before: whatever
 * was accepted under a key that it shows as revoked is visible here, or was left in the outbox by the bound.
 */
export async function growConsent(tx: PoolClient, round: ConsentRound): Promise<ConsentOutcome> {
  const { heads, key, material } = round;
  const { consent, registry } = heads;
  // the first leaf is an anchor, and of an empty registry nobody could have made a statement
  if (consent.size === 0n && entriesOf(registry) === 0n) return 'idle';
  const pending = await takePending(tx, MOST_LEAVES);
  const isDrained = pending.length < MOST_LEAVES;
  const isPublishing = mayAnchor(heads, isDrained) && isPublicationDue(round, pending.length);
  const batch = composeBatch({ heads, pending, isDrained, isPublishing }, material);
  if (batch.leaves.length === 0) return 'idle';
  await appendBatch(tx, { consent, key, batch, due: isPublishing });
  return isDrained ? 'grown' : 'more';
}

/** The year's last batch: all that waits, whatever the delay, and an anchor of the registry's last tree. */
export async function endConsent(
  tx: PoolClient,
  { heads, key, material }: Omit<ConsentRound, 'delaySeconds'>,
): Promise<Head> {
  const pending = await takePending(tx, null);
  const batch = composeBatch({ heads, pending, isDrained: true, isPublishing: true }, material);
  return appendBatch(tx, { consent: heads.consent, key, batch, due: true });
}

interface NewBatch {
  readonly consent: Head;
  readonly key: SigningKey;
  readonly batch: Batch;
  readonly due: boolean;
}

async function appendBatch(tx: PoolClient, { consent, key, batch, due }: NewBatch): Promise<Head> {
  const grown = await growTree(tx, consent, batch.leaves);
  await writePositions(tx, consent.log, batch.positions);
  const unpublished = consent.unpublished + batch.news;
  const head = { ...consent, ...grown, anchoredSize: batch.anchoredSize, unpublished };
  await storeHead(tx, { ...head, due }, key);
  return head;
}

function isPublicationDue(
  { heads: { consent, registry }, delaySeconds }: ConsentRound,
  taken: number,
): boolean {
  return isDue({
    unpublished: consent.unpublished + BigInt(taken),
    registrySize: entriesOf(registry),
    anchoredSize: consent.anchoredSize,
    secondsSince: consent.secondsSince,
    delaySeconds,
    jitter: consent.jitter,
  });
}

/**
 * By rising number: under the bound too, no statement is taken while an earlier one of its consent stays
 * behind.
 */
async function takePending(tx: PoolClient, most: number | null): Promise<PendingLeaf[]> {
  const { rows } = await tx.query<PendingLeaf>(TAKE_PENDING.with({ most }));
  return rows;
}

async function writePositions(tx: PoolClient, log: number, positions: Batch['positions']): Promise<void> {
  if (positions.length === 0) return;
  await tx.query(
    WRITE_POSITIONS.with({
      log,
      ids: positions.map(({ id }) => id),
      indexes: positions.map(({ index }) => index),
    }),
  );
}
