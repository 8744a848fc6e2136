import type { PoolClient } from 'pg';
import { named, prepared, sql, whole } from '../../database/index.js';
import { utf8 } from '../../protocol/encoding/bytes.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { readUnverified } from '../../protocol/encoding/signed.js';
import { growTree } from './grow.js';
import { entriesOf, storeHead, type Head } from './heads.js';
import { SigningRefused } from './signing-refused.js';

const MOST_ENTRIES = 4096;

const v = named<{ log: number; first: bigint }>();

const NEW_ENTRIES = prepared(
  'log-new-entries',
  sql`SELECT index, text FROM registry_entry WHERE log = ${v.log} AND index >= ${v.first}
    ORDER BY index LIMIT ${whole(MOST_ENTRIES)}`,
);

/**
 * Brings new registry entries into their log, in the order of their indexes. Answers the head, grown or as it
 * was.
 */
export async function growRegistry(tx: PoolClient, head: Head, key: SigningKey): Promise<Head> {
  const texts = await readNewEntries(tx, head);
  if (texts.length === 0) return head;
  const { size, root } = await growTree(tx, head, texts.map(utf8));
  const lastRevocation = texts.findLastIndex(isRevocation);
  const revokedSize = lastRevocation < 0 ? head.revokedSize : entriesOf(head) + BigInt(lastRevocation) + 1n;
  const grown = { ...head, size, root, revokedSize, due: true };
  await storeHead(tx, grown, key);
  return grown;
}

/** The same, until all that there are are in it. */
export async function growToEnd(tx: PoolClient, from: Head, key: SigningKey): Promise<Head> {
  let head = from;
  for (let size = -1n; size !== head.size; head = await growRegistry(tx, head, key)) size = head.size;
  return head;
}

async function readNewEntries(tx: PoolClient, head: Head): Promise<string[]> {
  const { rows } = await tx.query<{ index: string; text: string }>(
    NEW_ENTRIES.with({ log: head.log, first: entriesOf(head) }),
  );
  if (rows.some(({ index }, i) => BigInt(index) !== entriesOf(head) + BigInt(i)))
    throw new SigningRefused('the registry has a gap');
  return rows.map(({ text }) => text);
}

/** The application has verified the entry; a text that cannot be read revokes nothing. */
function isRevocation(text: string): boolean {
  try {
    return readUnverified(text).header.typ === 'revocation+jws';
  } catch {
    return false;
  }
}
