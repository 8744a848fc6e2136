import type { PoolClient } from 'pg';
import { named, prepared, sql } from '../../database/index.js';
import { formatCheckpoint } from '../../protocol/log/checkpoint.js';
import { formatNote, signNote } from '../../protocol/log/note.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { SigningRefused } from './signing-refused.js';
import { isWitness } from './witnesses.sql.js';

const v = named<{
  log: number;
  size: bigint;
  root: Uint8Array;
  note: string;
  due: boolean;
  revokedSize: bigint | null;
  anchoredSize: bigint | null;
  unpublished: bigint;
}>();

const LOCK = prepared(
  'log-lock',
  sql`SELECT 1 FROM log_head h JOIN log l ON l.id = h.log
      WHERE l.state = 'open' AND l.kind = 'consent' FOR UPDATE OF h SKIP LOCKED`,
);
const HEADS = prepared(
  'log-heads',
  sql`SELECT h.log, l.kind, l.year, l.state, l.origin, l.first, h.size, h.root, h.served_size, h.published_size, h.jitter, h.revoked_size,
        h.anchored_size, h.unpublished, extract(epoch FROM clock_timestamp() - h.published_at)::float8 AS seconds_since,
        extract(year FROM domain_today())::integer AS this_year
      FROM log_head h JOIN log l ON l.id = h.log
      WHERE l.state = 'open' OR h.served_size IS DISTINCT FROM h.size ORDER BY l.year, l.kind DESC`,
);
const STORE = prepared(
  'log-store-head',
  sql`UPDATE log_head SET size = ${v.size}, root = ${v.root}, note = ${v.note},
      due = due OR ${v.due}, revoked_size = ${v.revokedSize}, anchored_size = ${v.anchoredSize},
      unpublished = ${v.unpublished} WHERE log = ${v.log}`,
);
const SERVE = prepared(
  'log-serve',
  sql`WITH published AS (
        INSERT INTO log_checkpoint (log, size, note, anchored)
        SELECT h.log, h.size, h.note, coalesce(h.anchored_size, l.first + h.size)
        FROM log_head h JOIN log l ON l.id = h.log WHERE h.log = ${v.log} AND h.due
        RETURNING log, size, anchored
      ), unwatched AS (
        INSERT INTO log_witnessed (log, size) SELECT p.log, p.size FROM published p
        WHERE NOT EXISTS (SELECT FROM witness w WHERE ${isWitness(sql`w`, sql`p.anchored`)})
      )
      UPDATE log_head SET served_size = size, served_note = note, due = false,
        published_size = coalesce((SELECT size FROM published), published_size),
        published_at = CASE WHEN due THEN clock_timestamp() ELSE published_at END,
        jitter = CASE WHEN due THEN random() ELSE jitter END,
        unpublished = CASE WHEN due THEN 0 ELSE unpublished END
      WHERE log = ${v.log}`,
);

export type LogKind = 'consent' | 'registry';

/** A log as the sequencer finds it, under its lock. */
export interface Head {
  readonly log: number;
  readonly kind: LogKind;
  readonly year: number;
  readonly origin: string;
  /**
   * Of the registry: how many entries the years before have. Entries are counted over all years, `size` is of
   * this tree.
   */
  readonly first: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly servedSize: bigint | null;
  readonly publishedSize: bigint | null;
  /** Real seconds since the last publication. */
  readonly secondsSince: number;
  readonly jitter: number;
  /** In entries of all years, as the next one. */
  readonly revokedSize: bigint | null;
  readonly anchoredSize: bigint | null;
  readonly unpublished: bigint;
}

export interface Heads {
  readonly consent: Head;
  readonly registry: Head;
  /** Logs that have ended with their year, and whose last tree nobody has been shown yet. */
  readonly ended: readonly Head[];
  /** By the database's clock, in the charter's time zone. */
  readonly thisYear: number;
}

interface HeadRow {
  log: number;
  kind: LogKind;
  year: number;
  state: 'open' | 'closed';
  this_year: number;
  origin: string;
  first: string;
  size: string;
  root: Buffer;
  served_size: string | null;
  published_size: string | null;
  seconds_since: number | null;
  jitter: number;
  revoked_size: string | null;
  anchored_size: string | null;
  unpublished: string;
}

/** Locks the pair of open logs for one sequencer; false while another one is at work. */
export async function lockHeads(tx: PoolClient): Promise<boolean> {
  const { rowCount } = await tx.query(LOCK.with());
  return rowCount === 1;
}

export async function readHeads(tx: PoolClient): Promise<Heads> {
  const { rows } = await tx.query<HeadRow>(HEADS.with());
  const ended = rows.filter(({ state }) => state === 'closed').map(headOf);
  return {
    consent: openHead(rows, 'consent'),
    registry: openHead(rows, 'registry'),
    ended,
    thisYear: rows[0]?.this_year ?? 0,
  };
}

function openHead(rows: readonly HeadRow[], kind: LogKind): Head {
  const row = rows.find((candidate) => candidate.kind === kind && candidate.state === 'open');
  if (!row) throw new SigningRefused(`there is no open ${kind} log`);
  return headOf(row);
}

function headOf(row: HeadRow): Head {
  return {
    log: row.log,
    kind: row.kind,
    year: row.year,
    origin: row.origin,
    first: BigInt(row.first),
    size: BigInt(row.size),
    root: new Uint8Array(row.root),
    servedSize: sizeOrNull(row.served_size),
    publishedSize: sizeOrNull(row.published_size),
    secondsSince: row.seconds_since ?? Infinity,
    jitter: row.jitter,
    revokedSize: sizeOrNull(row.revoked_size),
    anchoredSize: sizeOrNull(row.anchored_size),
    unpublished: BigInt(row.unpublished),
  };
}

function sizeOrNull(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}

/** A head that has grown and is not yet stored. `due`: to be published once the fence holds it. */
export interface GrownHead extends Head {
  readonly due: boolean;
}

/** Signs a grown head and stores it. Nobody is shown the note before the fence holds it (`serveHead`). */
export async function storeHead(tx: PoolClient, head: GrownHead, key: SigningKey): Promise<void> {
  await tx.query(
    STORE.with({
      log: head.log,
      size: head.size,
      root: head.root,
      note: signHead(head, key),
      due: head.due,
      revokedSize: head.revokedSize,
      anchoredSize: head.anchoredSize,
      unpublished: head.unpublished,
    }),
  );
}

/** The signed note of a tree head (C2SP tlog-checkpoint). Ed25519 is deterministic: one head, one note. */
export function signHead(head: Pick<Head, 'origin' | 'size' | 'root'>, key: SigningKey): string {
  const text = formatCheckpoint(head);
  return formatNote(text, [signNote(text, head.origin, key)]);
}

/**
 * Lets everybody see the stored head, and publishes it if it is due. Only after the fence holds it. Where the
 * registry that it stands on names no witness, none has to see it.
 */
export async function serveHead(tx: PoolClient, log: number): Promise<void> {
  await tx.query(SERVE.with({ log }));
}

/** How many entries the registry has, over all years. */
export function entriesOf({ first, size }: Head): bigint {
  return first + size;
}
