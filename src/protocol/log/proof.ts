import { fromBase64, toBase64 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { statementLeaf } from './leaves.js';
import { leafHash, verifyInclusion } from './merkle.js';
import { openNote, type NoteSignature } from './note.js';
import type { Policy } from './policy.js';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const MAX_HASHES = 63;

/**
 * A tlog-proof (C2SP): index, siblings and checkpoint of one leaf; `extra` holds a statement's opening here.
 */
export interface Proof {
  readonly index: bigint;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
  readonly extra?: Uint8Array;
}

export interface VerifiedProof extends Checkpoint {
  readonly index: bigint;
  readonly signatures: readonly NoteSignature[];
}

export function formatProof({ index, hashes, checkpoint, extra }: Proof): string {
  const lines = [FIRST_LINE, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`];
  return [...lines, ...hashes.map(toBase64), '', checkpoint].join('\n');
}

export function parseProof(text: string): Proof {
  const at = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, at).split('\n');
  if (at < 0 || first !== FIRST_LINE) refuse('proof');
  const extra = lines[0]?.startsWith('extra ') ? lines.shift() : undefined;
  const [indexLine = '', ...hashLines] = lines;
  if (!/^index (0|[1-9][0-9]{0,18})$/.test(indexLine)) refuse('proof');
  const index = BigInt(indexLine.slice(6));
  const hashes = hashLines.map(fromBase64);
  if (index >= 1n << 63n || hashes.length > MAX_HASHES) refuse('proof');
  if (hashes.some((hash) => hash.length !== 32)) refuse('proof');
  const proof = { index, hashes, checkpoint: text.slice(at + 2) };
  return extra === undefined ? proof : { ...proof, extra: fromBase64(extra.slice(6)) };
}

/**
 * Verifies that a leaf is in a log that the policy believes, under a checkpoint that its quorum has seen.
 * Whoever hands over the proof controls all of it; size and root come from the signed checkpoint only.
 */
export function verifyProof(text: string, leaf: Uint8Array, policy: Policy): VerifiedProof {
  const { index, hashes, checkpoint: note } = parseProof(text);
  const { checkpoint, signatures } = openCheckpoint(note, policy);
  if (!policy.isMet(signatures)) refuse('quorum');
  verifyInclusion(index, checkpoint.size, leaf, hashes, checkpoint.root);
  return { ...checkpoint, index, signatures };
}

/** A checkpoint signed by the log whose origin it names; the quorum is not asked for. */
export function openCheckpoint(
  note: Uint8Array | string,
  policy: Pick<Policy, 'keys' | 'logs'>,
): { checkpoint: Checkpoint; signatures: readonly NoteSignature[] } {
  const { text, signatures } = openNote(note, policy.keys);
  const checkpoint = parseCheckpoint(text);
  const log = policy.logs.find((key) => key.name === checkpoint.origin);
  if (!log || !signatures.some(({ key }) => key === log)) refuse('log-signature');
  return { checkpoint, signatures };
}

/**
 * Verifies that a statement, with the opening that its proof carries, is in the consent log of that yearless
 * name.
 */
export function verifyStatementProof(log: string, jws: string, text: string, policy: Policy): VerifiedProof {
  try {
    const { extra } = parseProof(text);
    if (extra?.length !== 32) refuse('proof');
    const verified = verifyProof(text, leafHash(statementLeaf(log, extra, jws)), policy);
    if (!isYearOf(log, verified.origin)) refuse('proof');
    return verified;
  } catch {
    return refuse('proof');
  }
}

/** `…/consent/2026` belongs to `…/consent`. */
export function isYearOf(log: string, origin: string): boolean {
  return origin.startsWith(`${log}/`) && /^[0-9]{4}$/.test(origin.slice(log.length + 1));
}
