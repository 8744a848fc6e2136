import type { Pool, PoolClient } from 'pg';
import { newId } from '../../protocol/encoding/bytes.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';
import { EMPTY_ROOT } from '../../protocol/log/merkle.js';
import { ALGORITHM, formatVkey, noteKey } from '../../protocol/log/note.js';
import { named, sql, transaction, unprepared } from '../../database/index.js';
import { signHead, type LogKind } from './heads.js';
import { findIdentity, type LogIdentity } from './identity.js';
import { makeSeed } from './log-keys.js';

interface LogValues {
  readonly kind: LogKind;
  readonly year: number;
  readonly name: string;
  readonly origin: string;
  readonly vkey: string;
  readonly first: bigint;
}

interface HeadValues {
  readonly log: number | undefined;
  readonly root: Uint8Array;
  readonly note: string;
}

const v = named<LogValues & HeadValues & { lock: number; network: string }>();

const LOCK = unprepared('first-start-lock', sql`SELECT pg_advisory_xact_lock(${v.lock})`);
const INSERT_NETWORK = unprepared(
  'first-start-network',
  sql`INSERT INTO network (id) VALUES (${v.network}) ON CONFLICT DO NOTHING`,
);
const FIND_NETWORK = unprepared(
  'first-start-find',
  sql`SELECT id, extract(year FROM domain_today())::integer AS year FROM network`,
);
const INSERT_REGISTRY_HEAD = unprepared(
  'first-start-registry',
  sql`INSERT INTO registry_head (log) VALUES (${v.log})`,
);
const INSERT_LOG = unprepared(
  'log-insert',
  sql`INSERT INTO log (kind, year, name, origin, vkey, first)
    VALUES (${v.kind}, ${v.year}, ${v.name}, ${v.origin}, ${v.vkey}, ${v.first}) RETURNING id`,
);
const INSERT_HEAD = unprepared(
  'log-insert-head',
  sql`INSERT INTO log_head (log, size, root, note, due)
    VALUES (${v.log}, 0, ${v.root}, ${v.note}, true)`,
);

/** Any number; the same in every replica. */
const FIRST_START_LOCK = 7_205_759_403;

/**
 * The network's identity; at the very first start makes its random id and its logs, with their keys in the
 * data directory. The keys are on the disk before the rows are committed, so a log without its key cannot
 * come to be.
 */
export async function openLogs(sequencer: Pool, dataDirectory: string): Promise<LogIdentity> {
  return transaction(sequencer, async (tx) => {
    await lockKeys(tx);
    return (await findIdentity(tx)) ?? (await makeLogs(tx, dataDirectory));
  });
}

/** One replica at a time makes keys: two on one data directory would meet in its files. */
export async function lockKeys(tx: PoolClient): Promise<void> {
  await tx.query(LOCK.with({ lock: FIRST_START_LOCK }));
}

async function makeLogs(tx: PoolClient, dataDirectory: string): Promise<LogIdentity> {
  await tx.query(INSERT_NETWORK.with({ network: newId() }));
  const { rows } = await tx.query<{ id: string; year: number }>(FIND_NETWORK.with());
  const [network] = rows;
  if (!network) throw new Error('the network has no row');
  for (const kind of ['consent', 'registry'] as const) await makeLog(tx, { ...network, kind, dataDirectory });
  const identity = await findIdentity(tx);
  if (!identity) throw new Error('the logs were not made');
  return identity;
}

interface NewLog {
  readonly id: string;
  readonly year: number;
  readonly kind: LogKind;
  readonly dataDirectory: string;
}

interface OfLog {
  /** Yearless. */
  readonly name: string;
  /** How many entries the registry has from the years before. */
  readonly first: bigint;
  readonly key: SigningKey;
}

async function makeLog(tx: PoolClient, { id, year, kind, dataDirectory }: NewLog): Promise<void> {
  const name = `relais-${id}/${kind}`;
  const origin = `${name}/${year}`;
  const key = signingKey(await makeSeed(dataDirectory, origin, 'key'));
  if (kind === 'consent') await makeSeed(dataDirectory, origin, 'pads');
  const log = await insertLog(tx, { kind, name, year, first: 0n, key });
  if (kind === 'registry') await tx.query(INSERT_REGISTRY_HEAD.with({ log }));
}

/** A log, with a signed checkpoint of size 0, which the first round publishes. Answers its id. */
export async function insertLog(
  tx: PoolClient,
  { kind, name, year, first, key }: Pick<NewLog, 'kind' | 'year'> & OfLog,
): Promise<number | undefined> {
  const origin = `${name}/${year}`;
  const vkey = formatVkey(noteKey(origin, ALGORITHM.log, key.publicKey));
  const { rows } = await tx.query<{ id: number }>(INSERT_LOG.with({ kind, year, name, origin, vkey, first }));
  const log = rows[0]?.id;
  const note = signHead({ origin, size: 0n, root: EMPTY_ROOT }, key);
  await tx.query(INSERT_HEAD.with({ log, root: EMPTY_ROOT, note }));
  return log;
}
