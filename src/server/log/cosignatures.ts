import type { Pool, PoolClient } from 'pg';
import { openNote, parseVkey } from '../../protocol/log/note.js';
import { formatPolicy, parsePolicy, type PolicyWitness } from '../../protocol/log/policy.js';
import { cosignaturesOf } from '../../protocol/log/witness.js';
import { policyWitness } from '../../protocol/registry/registry-witnesses.js';
import { transaction } from '../../database/index.js';
import type { LogAddress } from './published.js';
import {
  ADD_COSIGNATURE,
  CHECKPOINT_OF_SIZE,
  COSIGNATURES,
  IS_WITNESSED,
  LOCK,
  LOG_KEYS,
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
    private readonly network: string,
  ) {}

  /** Text of the policy of both logs of a year, by the witnesses of a registry of that many entries. */
  async policy(year: number, size: bigint): Promise<string> {
    return this.format(this.pool, year, size);
  }

  /**
   * Keeps cosignatures of a published checkpoint by its witnesses; whatever is none is passed over. Answers
   * whether it has now been seen by enough; undefined where no checkpoint of that size was published.
   */
  async add(at: LogAddress, size: bigint, lines: readonly string[]): Promise<boolean | undefined> {
    const { rows } = await this.pool.query<CheckpointRow>(
      CHECKPOINT_OF_SIZE.with({ kind: at.kind, year: at.year, size }),
    );
    const [checkpoint] = rows;
    if (!checkpoint) return undefined;
    const witnesses = await this.witnesses(this.pool, BigInt(checkpoint.anchored));
    const keys = witnesses.map(({ key }) => key);
    const found = cosignaturesOf(textOf(checkpoint), lines, keys);
    for (const { line, key } of found)
      for (const { kid: witness } of witnesses.filter((each) => each.key === key))
        await this.pool.query(ADD_COSIGNATURE.with({ log: checkpoint.log, size, witness, line }));
    if (found.length > 0) await this.settle(at.year);
    return this.isWitnessed(at, size);
  }

  /** Marks what has been seen by enough, the registry first: the consent log stands on it. */
  private async settle(year: number): Promise<void> {
    for (const kind of ['registry', 'consent'] as const) await this.mark({ kind, year });
  }

  private async isWitnessed(at: LogAddress, size: bigint): Promise<boolean> {
    const { rows } = await this.pool.query<{ seen: boolean }>(
      IS_WITNESSED.with({ kind: at.kind, year: at.year, size }),
    );
    return rows[0]?.seen === true;
  }

  private async mark(at: LogAddress): Promise<void> {
    await transaction(this.pool, async (tx) => {
      await tx.query(LOCK.with());
      const { rows } = await tx.query<CheckpointRow>(UNWITNESSED.with({ kind: at.kind, year: at.year }));
      for (const row of rows) if (await this.isSeen(tx, at.year, row)) return markWitnessed(tx, row);
    });
  }

  private async isSeen(tx: PoolClient, year: number, row: CheckpointRow): Promise<boolean> {
    const policy = parsePolicy(await this.format(tx, year, BigInt(row.anchored)));
    const { rows } = await tx.query<{ line: string }>(COSIGNATURES.with({ log: row.log, size: row.size }));
    const note = row.note + rows.map(({ line }) => `${line}\n`).join('');
    return policy.isMet(openNote(note, policy.keys).signatures);
  }

  private async format(db: Pool | PoolClient, year: number, size: bigint): Promise<string> {
    const { rows } = await db.query<{ vkey: string }>(LOG_KEYS.with({ year }));
    const keys = rows.map(({ vkey }) => parseVkey(vkey));
    return formatPolicy(keys, await this.witnesses(db, size));
  }

  private async witnesses(db: Pool | PoolClient, size: bigint): Promise<Witness[]> {
    const { rows } = await db.query<WitnessRow>(WITNESSES.with({ size }));
    return rows.map(({ kid, key, url, ...row }) => {
      const raw = new Uint8Array(key);
      return { kid, ...policyWitness(this.network, { ...row, key: raw, ...(url === null ? {} : { url }) }) };
    });
  }
}

async function markWitnessed(tx: PoolClient, { log, size, anchored }: CheckpointRow): Promise<void> {
  await tx.query(MARK_WITNESSED.with({ log, size, anchored }));
}

/** What is signed: the note up to the empty line. */
function textOf({ note }: CheckpointRow): string {
  return note.slice(0, note.indexOf('\n\n') + 1);
}
