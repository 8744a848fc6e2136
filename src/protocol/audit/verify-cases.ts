import { toBase64url } from '../encoding/bytes.js';
import type { Registry } from '../registry/registry.js';
import type { CaseFile } from '../schemas/trust.js';
import { hashText } from '../encoding/signed.js';
import type { Anchors, Position } from './anchors.js';
import { judgeChain } from './case-chain.js';
import { judgeTimes, type JudgedCase } from './case-times.js';
import { judgeConsent } from './case-consent.js';
import { locate, placeOf, type LeafContext } from './case-leaves.js';
import type { Charters } from './charters.js';
import { parseCase, type CaseFiles } from './input.js';
import type { Watch } from './watch.js';

export interface CaseContext extends LeafContext {
  readonly registry: Registry;
  readonly anchors: Anchors;
  readonly charters: Charters;
}

/** Notes which leaves and sizes the cases speak of, before the logs are read. */
export async function watchCases(cases: CaseFiles, watch: Watch): Promise<void> {
  for (const name of cases.names) {
    const bytes = await cases.read(name);
    for (const { proof } of (bytes && tryParse(bytes))?.statements ?? []) {
      const place = placeOf(proof);
      if (!place) continue;
      watch.wantLeaf(place.origin, place.index);
      watch.wantRoot(place.origin, place.size);
    }
  }
}

/** Judges every opened case, one at a time. Answers where its statements stand in the log. */
export async function verifyCases(cases: CaseFiles, context: CaseContext): Promise<Position[]> {
  const seen = new Map<string, readonly string[]>();
  const shown: Position[] = [];
  const judged: JudgedCase[] = [];
  for (const name of cases.names) {
    const bytes = await cases.read(name);
    if (name.endsWith('.html')) context.findings.leavesOpen('readable-part');
    if (bytes) shown.push(...verifyCase(name, bytes, { ...context, seen, judged }));
    else context.findings.lacks(name);
  }
  for (const one of judged) judgeTimes(context, one);
  return shown;
}

interface SeenContext extends CaseContext {
  /** To be held to all the cosignatures that the cases bring, once they have. */
  readonly judged: JudgedCase[];
  /** Consent → hashes of its statements, as another case showed them. */
  readonly seen: Map<string, readonly string[]>;
}

function verifyCase(name: string, bytes: Uint8Array, context: SeenContext): Position[] {
  const { findings } = context;
  findings.counts.cases++;
  const opened = findings.attempt('case', name, () => parseCase(bytes));
  if (!opened) return [];
  findings.counts.statements += opened.statements.length;
  const located = opened.statements.flatMap(
    (statement, i) => locate(context, `${name} statement ${i + 1}`, statement) ?? [],
  );
  const shown = located.map(({ at }) => at);
  if (located.length < opened.statements.length) return shown;
  const judged = judgeChain(context, located);
  if (!judged) return shown;
  const charter = judgeConsent(context, judged, opened, name);
  if (charter) context.judged.push({ ...judged, charter });
  findings.leavesOpen('as-shown');
  judgeFork(context, name, judged.chain.given.consent, opened);
  return shown;
}

/** Two holders may both open one consent; one may know fewer statements, but not others. */
function judgeFork({ findings, seen }: SeenContext, name: string, consent: string, opened: CaseFile): void {
  const hashes = opened.statements.map(({ jws }) => toBase64url(hashText(jws)));
  const known = seen.get(consent) ?? [];
  const [longer, shorter] = hashes.length > known.length ? [hashes, known] : [known, hashes];
  const isSame = shorter.every((hash, i) => hash === longer[i]);
  findings.demand('chain', isSame, name, 'fork');
  seen.set(consent, longer);
}

function tryParse(bytes: Uint8Array): CaseFile | undefined {
  try {
    return parseCase(bytes);
  } catch {
    return undefined;
  }
}
