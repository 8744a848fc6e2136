import type { Resolver } from 'node:dns/promises';
import type { Pool } from 'pg';
import { sql, unprepared } from '../../../database/index.js';
import { noteKey, openNote, ALGORITHM } from '../../../protocol/log/note.js';
import { formatAddCheckpoint, witnessName } from '../../../protocol/log/witness.js';
import { ask, findReachable } from '../../common/outgoing/index.js';
import { signHead, type Head, type Heads, type LogKind } from '../heads.js';
import type { SigningKey } from '../../../protocol/crypto/keys.js';
import type { Mirror } from './mirrors.js';

const WITNESSES = unprepared(
  'recovery-witnesses',
  sql`SELECT w.organisation, o.name, w.key, w.url FROM witness w JOIN organisation o ON o.id = w.organisation
     WHERE w.revoked_index IS NULL ORDER BY o.name`,
);

interface WitnessRow {
  readonly organisation: string;
  readonly name: string;
  readonly key: Buffer;
  readonly url: string | null;
}

/** How the witnesses answer a restored network, by the names of their organisations. */
export interface Agreement {
  readonly agree: readonly string[];
  /** Have not answered, and no copy of theirs was given. */
  readonly silent: readonly string[];
  /** Have seen a larger tree than this database has, or another one. */
  readonly know: readonly string[];
  /** A majority of the registered witnesses has answered, and none knows more. */
  readonly isAgreed: boolean;
}

export interface Question {
  readonly network: string;
  readonly heads: Heads;
  readonly keys: Readonly<Record<LogKind, SigningKey>>;
  readonly mirrors: readonly Mirror[];
  readonly reach: { readonly resolver: Resolver; readonly ranges: readonly string[] };
}

type Answer = 'agree' | 'silent' | 'know';

export async function askWitnesses(pool: Pool, question: Question): Promise<Agreement> {
  const { rows } = await pool.query<WitnessRow>(WITNESSES.with());
  const answers = await Promise.all(
    rows.map(async (row) => ({ name: row.name, answer: await answerOf(row, question) })),
  );
  const of = (wanted: Answer): string[] =>
    answers.filter(({ answer }) => answer === wanted).map(({ name }) => name);
  const [agree, silent, know] = [of('agree'), of('silent'), of('know')];
  const isMajority = agree.length > silent.length || rows.length === 0;
  return { agree, silent, know, isAgreed: isMajority && know.length === 0 };
}

async function answerOf(witness: WitnessRow, question: Question): Promise<Answer> {
  const { heads, mirrors } = question;
  if (witness.url === null)
    return mirrors.some((mirror) => isCopyOf(mirror, witness, question)) ? 'agree' : 'silent';
  const asked = [heads.registry, heads.consent].filter(({ size }) => size > 0n);
  const answers = await Promise.all(
    asked.map((head) =>
      askOne(new URL(`${witness.url}/add-checkpoint`), head, question).catch(() => 'silent' as const),
    ),
  );
  return (
    answers.find((answer) => answer === 'know') ?? answers.find((answer) => answer === 'silent') ?? 'agree'
  );
}

/**
 * The copies were read to their end, and the logs grown to the longest: whoever has cosigned one of them
 * agrees.
 */
function isCopyOf(mirror: Mirror, { organisation, key }: WitnessRow, { network }: Question): boolean {
  const name = witnessName(network, organisation);
  const own = noteKey(name, ALGORITHM.cosignature, new Uint8Array(key));
  return [mirror.registry, mirror.consent].some((log) => {
    try {
      return log !== undefined && openNote(log.note, [own]).signatures.length > 0;
    } catch {
      return false;
    }
  });
}

/**
 * Shows a witness the tree that the database has, as if it had seen it already (C2SP tlog-witness): it
 * cosigns it, or says how large the last one was that it saw. Nothing is signed for this that was not signed
 * before.
 */
async function askOne(url: URL, head: Head, { keys, reach }: Question): Promise<Answer> {
  const address = await findReachable(url, { ...reach, turn: 0 });
  if (address === undefined) return 'silent';
  const body = formatAddCheckpoint({
    old: head.size,
    consistency: [],
    checkpoint: signHead(head, keys[head.kind]),
  });
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const { status, text } = await ask({ url, address, headers, body }, new AbortController().signal);
  const known = /^(0|[1-9][0-9]{0,18})\n$/.exec(text)?.[1];
  if (status === 200) return 'agree';
  if (status !== 409 || known === undefined) return 'silent';
  return BigInt(known) < head.size ? 'agree' : 'know';
}
