import type { Pool, PoolClient } from 'pg';
import { openNote, parseVkey, type NoteKey } from '../../protocol/log/note.js';
import { formatPolicy, parsePolicy, type PolicyWitness } from '../../protocol/log/policy.js';
import { cosignaturesOf } from '../../protocol/log/witness.js';
import { policyWitness } from '../../protocol/registry-witnesses.js';
import { transaction } from '../../database/index.js';
import type { LogIdentity } from './identity.js';
import type { LogAddress } from './published.js';
import {
  ADD_COSIGNATURE,
  CHECKPOINT_OF_SIZE,
  COSIGNATURES,
  IS_WITNESSED,
  LOCK,
  MARK_WITNESSED,
  UNWITNESSED,
  WITNESSES,
} from './witnesses.sql.js';

interface CheckpointRow {
  readonly log: number;
  readonly size: string;
  readonly note: string;
  readonly anchored: string;
}

interface WitnessRow {
  readonly kid: string;
  readonly organisation: string;
  readonly key: Buffer;
  readonly url: string | null;
}

interface Witness extends PolicyWitness {
  readonly kid: string;
}

/** Who must have seen a checkpoint, who has, and when that is enough. */
export class Cosignatures {
  constructor(
    private readonly pool: Pool,
    private readonly identity: LogIdentity,
  ) {}

  /** Text of the policy of a registry of that many entries: for both logs of a year. */
  async policy(size: bigint): Promise<string> {
    return this.format(await this.witnesses(this.pool, size));
  }

  /**
   * Keeps cosignatures of a published checkpoint by its witnesses; whatever is none is passed over. Answers whether it has
   * now been seen by enough; undefined where no checkpoint of that size was published.
   */
  async add(at: LogAddress, size: bigint, lines: readonly string[]): Promise<boolean | undefined> {
    const { rows } = await this.pool.query<CheckpointRow>({
      ...CHECKPOINT_OF_SIZE,
      values: [at.kind, at.year, size],
    });
    const [checkpoint] = rows;
    if (!checkpoint) return undefined;
    const witnesses = await this.witnesses(this.pool, BigInt(checkpoint.anchored));
    const keys = witnesses.map(({ key }) => key);
    const found = cosignaturesOf(textOf(checkpoint), lines, keys);
    for (const { line, key } of found) {
      const kid = witnesses.find((witness) => witness.key === key)?.kid;
      await this.pool.query({ ...ADD_COSIGNATURE, values: [checkpoint.log, size, kid, line] });
    }
    if (found.length > 0) await this.settle(at.year);
    return this.isWitnessed(at, size);
  }

  /** Marks what has been seen by enough, the registry first: the consent log stands on it. */
  private async settle(year: number): Promise<void> {
    for (const kind of ['registry', 'consent'] as const) await this.mark({ kind, year });
  }

  private async isWitnessed(at: LogAddress, size: bigint): Promise<boolean> {
    const { rows } = await this.pool.query<{ seen: boolean }>({
      ...IS_WITNESSED,
      values: [at.kind, at.year, size],
    });
    return rows[0]?.seen === true;
  }

  private async mark(at: LogAddress): Promise<void> {
    await transaction(this.pool, async (tx) => {
      await tx.query(LOCK);
      const { rows } = await tx.query<CheckpointRow>({ ...UNWITNESSED, values: [at.kind, at.year] });
      for (const row of rows) if (await this.isSeen(tx, row)) return markWitnessed(tx, row);
    });
  }

  private async isSeen(tx: PoolClient, row: CheckpointRow): Promise<boolean> {
    const policy = parsePolicy(this.format(await this.witnesses(tx, BigInt(row.anchored))));
    const { rows } = await tx.query<{ line: string }>({ ...COSIGNATURES, values: [row.log, row.size] });
    const note = row.note + rows.map(({ line }) => `${line}\n`).join('');
    return policy.isMet(openNote(note, policy.keys).signatures);
  }

  private format(witnesses: readonly Witness[]): string {
    return formatPolicy(logKeys(this.identity), witnesses);
  }

  private async witnesses(db: Pool | PoolClient, size: bigint): Promise<Witness[]> {
    const { rows } = await db.query<WitnessRow>({ ...WITNESSES, values: [size] });

    const { network } = this.identity;
    return rows.map(({ kid, key, url, ...row }) => {
      const raw = new Uint8Array(key);
      return { kid, ...policyWitness(network, { ...row, key: raw, ...(url === null ? {} : { url }) }) };
    });
  }
}

function logKeys({ consent, registry }: LogIdentity): NoteKey[] {
  return [parseVkey(consent.vkey), parseVkey(registry.vkey)];
}

async function markWitnessed(tx: PoolClient, { log, size, anchored }: CheckpointRow): Promise<void> {
  await tx.query({ ...MARK_WITNESSED, values: [log, size, anchored] });
}

/** What is signed: the note up to the empty line. */
function textOf({ note }: CheckpointRow): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}
