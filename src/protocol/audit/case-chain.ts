import type { Registry } from '../registry/registry.js';
import { isSignerAtAnchors } from '../registry/registry-keys.js';
import { readUnverified } from '../encoding/signed.js';
import { extend, verifyChain, type Chain } from '../consent/statements.js';
import { isBefore, type Anchors } from './anchors.js';
import type { LocatedStatement } from './case-leaves.js';
import { refusalOf, type CheckName, type Findings } from './report.js';

export interface ChainContext {
  /** Yearless name of the consent log. */
  readonly log: string;
  readonly registry: Registry;
  readonly anchors: Anchors;
  readonly findings: Findings;
}

/** A statement in its place in the chain. */
export interface Link extends LocatedStatement {
  readonly kind: string;
  readonly day: string;
  /** As of this statement. */
  readonly keepUntil: string;
}

export interface JudgedChain {
  readonly chain: Chain;
  readonly links: readonly Link[];
}

/** Offsets of civil time reach 14 hours: a day may have begun somewhere that much earlier. */
const LONGEST_OFFSET = 14n * 3600n;

/** Builds the chain statement by statement, so that what breaks it has a name and a place. */
export function judgeChain(
  context: ChainContext,
  statements: readonly LocatedStatement[],
): JudgedChain | undefined {
  const links: Link[] = [];
  let chain: Chain | undefined;
  for (const statement of statements) {
    chain = step(context, chain, statement);
    if (!chain) return undefined;
    const { lastDay: day, keepUntil } = chain;
    const link = { ...statement, kind: kindOf(statement.jws), day, keepUntil };
    judgeSigner(context, link);
    judgeDay(context, link);
    links.push(link);
  }
  context.findings.count('chain');
  judgeOrder(context, links);
  return chain && { chain, links };
}

function step(
  { log, registry, findings }: ChainContext,
  chain: Chain | undefined,
  { jws, subject }: LocatedStatement,
): Chain | undefined {
  try {
    const next = chain ? extend(log, chain, jws, registry) : verifyChain(log, [jws], registry);
    findings.count('statement');
    const check = checkOfKind(jws);
    if (check !== 'consent') findings.count(check);
    return next;
  } catch (error) {
    const { check, detail } = nameRefusal(refusalOf(error), chain, jws);
    findings.demand(check, false, subject, detail);
    return undefined;
  }
}

/** Which check of the auditor's list a kind belongs to; what is not here belongs to the consent. */
const CHECK_OF_KIND: Readonly<Record<string, CheckName>> = {
  'handoff.released': 'release',
  'handoff.received': 'receipt',
  'consent.withdrawn': 'withdrawal',
};

function checkOfKind(jws: string): CheckName {
  return CHECK_OF_KIND[kindOf(jws)] ?? 'consent';
}

function nameRefusal(
  refused: string,
  chain: Chain | undefined,
  jws: string,
): { check: CheckName; detail: string } {
  const ofKind = checkOfKind(jws);
  if (['signer', 'kid', 'key'].includes(refused)) return { check: 'signer', detail: refused };
  if (['dates', 'fields', 'to-key'].includes(refused)) return { check: ofKind, detail: refused };
  if (refused !== 'chain') return { check: 'statement', detail: refused };
  const isOver = chain?.state === 'withdrawn' || chain?.state === 'invalidated';
  return isOver ? { check: ofKind, detail: `after-${chain.state}` } : { check: 'chain', detail: 'link' };
}

/** What the statement says that it is; empty for what cannot be read. */
function kindOf(jws: string): string {
  try {
    const { payload } = readUnverified(jws);
    const kind = (payload as { kind?: unknown } | null)?.kind;
    return typeof kind === 'string' ? kind : '';
  } catch {
    return '';
  }
}

/** A service's key had to be in force around the leaf. The person's key stands in the consent itself. */
function judgeSigner({ registry, anchors, findings }: ChainContext, { jws, subject, at }: Link): void {
  const key = registry.serviceKeys.get(readUnverified(jws).header.kid);
  if (!key) return;
  const { before, after } = anchors.around(at);
  const detail =
    after === undefined ? 'no-anchor-after' : key.index < after ? 'revoked' : 'not-yet-registered';
  findings.expect('signer', isSignerAtAnchors(key, before, after), subject, detail);
}

/** A device claims its day; the first witness that saw the leaf bounds it from above. */
function judgeDay({ findings }: ChainContext, { seenAt, day, subject }: Link): void {
  if (seenAt === undefined) return;
  const latest = new Date(Number(seenAt + LONGEST_OFFSET) * 1000).toISOString().slice(0, 10);
  findings.demand('statement', day <= latest, subject, 'day-after-cosignature');
}

/**
 * Leaves rise along the chain. A withdrawal may stand anywhere after the consent, as no concurrent act makes
 * it stale, but what was disclosed or received must have come before it.
 */
function judgeOrder({ findings }: ChainContext, links: readonly Link[]): void {
  const withdrawal = links.find(({ kind }) => kind === 'consent.withdrawn');
  const others = links.filter((link) => link !== withdrawal);
  for (const [i, link] of others.entries()) {
    const previous = others[i - 1];
    if (previous) findings.demand('chain', isBefore(previous.at, link.at), link.subject, 'order-in-log');
    const mustPrecede = CHECK_OF_KIND[link.kind];
    if (withdrawal && mustPrecede)
      findings.demand(mustPrecede, isBefore(link.at, withdrawal.at), link.subject, 'after-withdrawn');
  }
  const [given] = others;
  if (withdrawal && given)
    findings.demand('withdrawal', isBefore(given.at, withdrawal.at), withdrawal.subject, 'order-in-log');
}
