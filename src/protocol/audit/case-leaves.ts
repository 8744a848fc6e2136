import { equalBytes } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import { parseCheckpoint } from '../log/checkpoint.js';
import { statementLeaf } from '../log/leaves.js';
import { leafHash, verifyInclusion } from '../log/merkle.js';
import type { NoteKey, NoteSignature } from '../log/note.js';
import { openCheckpoint, parseProof, type Proof } from '../log/proof.js';
import type { Position } from './anchors.js';
import type { Findings } from './report.js';
import type { TrustedLog } from './trusted-logs.js';
import type { Sightings } from './sightings.js';
import type { Watch } from './watch.js';

export interface ProvenText {
  readonly jws: string;
  /** tlog-proof text with the opening as `extra`. */
  readonly proof: string;
}

/** A statement of a case that was found in the log. */
export interface LocatedStatement {
  readonly jws: string;
  readonly subject: string;
  readonly at: Position;
  /** Seconds since 1970 of the first witness that is known to have seen it. */
  readonly seenAt: bigint | undefined;
}

export interface LeafContext {
  /** Yearless name of the consent log. */
  readonly log: string;
  readonly logs: readonly TrustedLog[];
  /** All that ever were witnesses. */
  readonly witnesses: readonly NoteKey[];
  readonly watch: Watch;
  readonly findings: Findings;
  readonly sightings: Sightings;
}

/**
 * Leaf and checkpoint that a proof speaks of, before anything of it is verified; undefined for what is no
 * proof.
 */
export function placeOf(proof: string): { origin: string; index: bigint; size: bigint } | undefined {
  try {
    const { index, checkpoint } = parseProof(proof);
    const { origin, size } = parseCheckpoint(checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1));
    return { origin, index, size };
  } catch {
    return undefined;
  }
}

/**
 * Finds a statement's leaf: the opening gives the very leaf of the copied log, and the proof is right under a
 * checkpoint that the log signed and still contains. Witnesses are asked for at the copy's own checkpoint,
 * which covers the leaf.
 */
export function locate(
  context: LeafContext,
  subject: string,
  { jws, proof: text }: ProvenText,
): LocatedStatement | undefined {
  const { findings, watch } = context;
  const proof = findings.attempt('opening', subject, () => proofWithOpening(text));
  const log = proof && findings.probe('inclusion', subject, () => consentLogOf(context, text));
  if (!proof || !log) return undefined;
  const copied = watch.leaf(log.origin, proof.index);
  if (!copied) {
    findings.lacks(`${log.directory} leaf ${proof.index}`);
    return undefined;
  }
  const leaf = statementLeaf(context.log, proof.extra, jws);
  if (!findings.demand('opening', equalBytes(leaf, copied), subject, 'other-leaf')) return undefined;
  const opened = findings.attempt('inclusion', subject, () =>
    verifyUnder(keysFor(log, context.witnesses), proof, leaf),
  );
  if (!opened || !isContained(context, opened.checkpoint, subject)) return undefined;
  context.sightings.add(log.year, opened.checkpoint.size, opened.seenAt);
  return { jws, subject, at: { year: log.year, index: proof.index }, seenAt: opened.seenAt };
}

function consentLogOf({ logs }: LeafContext, proof: string): TrustedLog {
  const origin = placeOf(proof)?.origin;
  return logs.find((log) => log.kind === 'consent' && log.origin === origin) ?? refuse('other-log');
}

function proofWithOpening(text: string): Proof & { readonly extra: Uint8Array } {
  const proof = parseProof(text);
  return proof.extra?.length === 32 ? { ...proof, extra: proof.extra } : refuse('no-opening');
}

type KnownKeys = Parameters<typeof openCheckpoint>[1];

/** Who may have signed a checkpoint of that log. */
export function keysFor({ key }: TrustedLog, witnesses: readonly NoteKey[]): KnownKeys {
  return { logs: [key], keys: [key, ...witnesses] };
}

function verifyUnder(known: KnownKeys, proof: Proof, leaf: Uint8Array) {
  const { checkpoint, signatures } = openCheckpoint(proof.checkpoint, known);
  verifyInclusion(proof.index, checkpoint.size, leafHash(leaf), proof.hashes, checkpoint.root);
  return { checkpoint, seenAt: firstTime(signatures) };
}

/**
 * When the first witness saw it, in seconds since 1970: one whose clock is ahead proves nothing against
 * anybody.
 */
export function firstTime(signatures: readonly NoteSignature[]): bigint | undefined {
  const times = signatures.flatMap(({ time }) => (time === undefined ? [] : [time]));
  return times.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
}

/** The log must still contain every checkpoint that it signed, as far as the copy goes. */
export function isContained(
  { findings, watch }: Pick<LeafContext, 'findings' | 'watch'>,
  { origin, size, root }: { readonly origin: string; readonly size: bigint; readonly root: Uint8Array },
  subject: string,
): boolean {
  const copied = watch.root(origin, size);
  if (copied) return findings.expect('consistency', equalBytes(copied, root), subject, 'split-view');
  findings.leavesOpen('newer-checkpoints');
  return true;
}
