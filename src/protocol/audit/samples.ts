import { equalBytes, fromBase64url } from '../encoding/bytes.js';
import { check } from '../encoding/check.js';
import { refuse } from '../encoding/errors.js';
import { parseStrict } from '../encoding/json.js';
import { padLeaf, readLeaf } from '../log/leaves.js';
import { openCheckpoint } from '../log/proof.js';
import type { Checkpoint } from '../log/checkpoint.js';
import { isSignerAtAnchors } from '../registry/registry-keys.js';
import { drawLeaves } from './sampling.js';
import { SampleFile } from '../schemas/sample.js';
import { readHeader, verifySigned } from '../encoding/signed.js';
import type { Position } from './anchors.js';
import { isContained, keysFor, locate, placeOf, type LocatedStatement } from './case-leaves.js';
import type { SampleResult } from './report.js';
import type { TrustedLog } from './trusted-logs.js';
import type { CaseContext } from './verify-cases.js';
import type { Watch } from './watch.js';

/** A sample whose file is one, in a log that is trusted. */
export interface Sample {
  readonly file: SampleFile;
  readonly log: TrustedLog;
  readonly checkpoint: Checkpoint;
  readonly indexes: readonly bigint[];
}

/** Reads a sample before the logs are read, and notes which leaves it asks for. @throws Refused */
export function readSample(text: Uint8Array, logs: readonly TrustedLog[], watch: Watch): Sample {
  const file = parseStrict(text);
  if (!check(SampleFile, file)) refuse('sample');
  const note = file.checkpoint;
  const log =
    logs.find(({ kind, origin }) => kind === 'consent' && note.startsWith(`${origin}\n`)) ??
    refuse('other-log');
  const { checkpoint } = openCheckpoint(note, keysFor(log, []));
  const indexes = drawLeaves(fromBase64url(file.nonce), checkpoint, file.count);
  watch.wantRoot(checkpoint.origin, checkpoint.size);
  for (const index of indexes) watch.wantLeaf(checkpoint.origin, index);
  for (const { proof } of file.erasures) {
    const place = placeOf(proof);
    if (place) watch.wantLeaf(place.origin, place.index);
    if (place) watch.wantRoot(place.origin, place.size);
  }
  return { file, log, checkpoint, indexes };
}

/** Judges each drawn leaf; `shown` are the statements that the opened cases have in the log. */
export function judgeSample(
  context: CaseContext,
  { file, log, checkpoint, indexes }: Sample,
  shown: readonly Position[],
): SampleResult {
  const { findings, watch } = context;
  isContained(context, checkpoint, 'sample');
  const erasures = new Erasures(context, file);
  const cases = new Set(shown.filter(({ year }) => year === log.year).map(({ index }) => index));
  const pads = new Map(file.pads.map(({ index, opening }) => [BigInt(index), opening]));
  const result = { statements: 0, pads: 0, anchors: 0, erased: 0 };
  const unanswered: string[] = [];
  for (const index of indexes) {
    const place = `${log.directory} leaf ${index}`;
    const leaf = watch.leaf(log.origin, index);
    const opening = pads.get(index);
    findings.count('sample');
    if (!leaf) findings.lacks(place);
    else if (readLeaf(leaf).anchor) result.anchors++;
    else if (cases.has(index) || erasures.isOne(log.year, index)) result.statements++;
    else if (opening !== undefined) {
      const isPad = equalBytes(padLeaf(context.log, fromBase64url(opening)), leaf);
      if (findings.demand('sample', isPad, place, 'other-leaf')) result.pads++;
    } else if (erasures.isErased(log.year, index)) result.erased++;
    else unanswered.push(place);
  }
  return { asked: indexes.length, ...result, unanswered };
}

/** What services have said to have erased: statements in the log by their own keys. */
class Erasures {
  private readonly own = new Set<string>();
  private readonly services = new Map<string, Set<string>>();

  constructor(context: CaseContext, { erasures }: SampleFile) {
    for (const [i, erasure] of erasures.entries()) {
      const located = locate(context, `erasure ${i + 1}`, erasure);
      if (located) this.take(context, located);
    }
  }

  /** The leaf is itself a service's word. */
  isOne(year: number, index: bigint): boolean {
    return this.own.has(`${year} ${index}`);
  }

  /** Two services have said so: a consent has two. */
  isErased(year: number, index: bigint): boolean {
    return (this.services.get(`${year} ${index}`)?.size ?? 0) > 1;
  }

  private take(context: CaseContext, { jws, subject, at }: LocatedStatement): void {
    const said = context.findings.attempt('sample', subject, () => verifyErasure(context, jws, at));
    if (!said) return;
    this.own.add(`${at.year} ${at.index}`);
    for (const [year, index] of said.leaves) {
      const leaf = `${year} ${index}`;
      this.services.set(leaf, (this.services.get(leaf) ?? new Set()).add(said.service));
    }
  }
}

function verifyErasure({ log, registry, anchors }: CaseContext, jws: string, at: Position) {
  const key = registry.serviceKeys.get(readHeader(jws).kid) ?? refuse('signer');
  const { payload } = verifySigned(jws, 'consent-statement+jws', new Map([[key.kid, key.key]]));
  if (payload.kind !== 'erasure.done' || payload.log !== log) refuse('kind');
  if (payload.service !== key.service.id) refuse('signer');
  const { before, after } = anchors.around(at);
  return isSignerAtAnchors(key, before, after) ? payload : refuse('signer');
}
