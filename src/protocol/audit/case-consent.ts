import { daysBetween } from '../encoding/days.js';
import { fromBase64url, toBase64url } from '../encoding/bytes.js';
import type { Charter } from '../registry/charter.js';
import {
  parseFields,
  requireVotedNotice,
  verifyConsentRecord,
  type ConsentRecord,
} from '../consent/consent-record.js';
import { commitTo } from '../envelope/envelope.js';
import { refuse } from '../encoding/errors.js';
import { parseStrict } from '../encoding/json.js';
import type { Registry } from '../registry/registry.js';
import type { CaseFile, CaseTexts } from '../schemas/trust.js';
import type { Anchors } from './anchors.js';
import type { JudgedChain, Link } from './case-chain.js';
import { charterPath, type Charters } from './charters.js';
import type { Findings } from './report.js';

export interface ConsentContext {
  readonly registry: Registry;
  readonly anchors: Anchors;
  readonly charters: Charters;
  readonly findings: Findings;
}

/**
 * The consent against the charter of its day, which is the answer: one voted purpose, a voted notice, bounded
 * in time, free, understood.
 */
export function judgeConsent(
  context: ConsentContext,
  { chain, links }: JudgedChain,
  opened: CaseFile,
  subject: string,
): Charter | undefined {
  const { findings } = context;
  const [given] = links;
  judgeReleaseKey(context, { chain, links });
  if (chain.given.own !== undefined) findings.leavesOpen('own-word');
  const texts = 'consentRecord' in opened ? opened : undefined;
  const record = texts && findings.attempt('consent-record', subject, () => openTexts(chain, texts));
  if (!texts) findings.leavesOpen('no-consent-record');
  const charter = given && charterAt(context, given);
  if (!charter) return undefined;
  findings.attempt('consent', subject, () => requireCharter(charter, chain, record?.fields ?? []));
  if (record) findings.probe('consent-record', subject, () => requireVotedNotice(record, charter));
  for (const link of links) judgeRenewal(findings, charter, link);
  return charter;
}

/** The key that the release names was already shown when the release was made. */
function judgeReleaseKey(
  { registry, anchors, findings }: ConsentContext,
  { chain, links }: JudgedChain,
): void {
  const released = links.find(({ kind }) => kind === 'handoff.released');
  if (!released) return;
  const { after = 0 } = anchors.around(released.at);
  const key = [...registry.serviceKeys.values()].find(({ boxId }) => boxId === chain.released?.toKey);
  findings.demand(
    'release',
    key !== undefined && key.index < after,
    released.subject,
    'to-key-not-yet-registered',
  );
}

function charterAt({ charters, anchors, findings }: ConsentContext, given: Link): Charter | undefined {
  const shown = charters.inForce(given.day, anchors.around(given.at).after ?? 0);
  if (!findings.demand('consent', shown !== undefined, given.subject, 'no-charter') || !shown)
    return undefined;
  if (!shown.charter) findings.lacks(charterPath(shown.version));
  return shown.charter;
}

/** The committed texts are the ones opened, and say the same as the signed consent. */
function openTexts(
  { given }: JudgedChain['chain'],
  { fields, consentRecord, salts }: CaseTexts,
): ConsentRecord {
  if (commit('fields', salts.fields, fields) !== given.fields) refuse('fields-commitment');
  if (commit('consent-record', salts.consentRecord, consentRecord) !== given.consentRecord)
    refuse('consent-record-commitment');
  const record = parseStrict(consentRecord) as Partial<Record<string, unknown>> | null;
  if (record?.['teachBack'] !== true) refuse('no-teach-back');
  if (record['helpDependsOnConsent'] !== false) refuse('not-free');
  return verifyConsentRecord(consentRecord, parseFields(fields), given);
}

function commit(what: 'fields' | 'consent-record', salt: string, text: string): string {
  return toBase64url(commitTo(what, fromBase64url(salt), text));
}

function requireCharter(charter: Charter, { given }: JudgedChain['chain'], fields: readonly string[]): void {
  if (!charter.purposes.includes(given.purpose)) refuse('unvoted-purpose');
  if (charter.notices[given.notice] === undefined) refuse('unvoted-notice');
  const { sendUntilDays, keepUntilDays } = charter.limits;
  if (daysBetween(given.day, given.sendUntil) > sendUntilDays.max) refuse('send-until-unbounded');
  if (daysBetween(given.day, given.keepUntil) > keepUntilDays.max) refuse('keep-until-unbounded');
  const isRefused = (name: string): boolean =>
    charter.refusedFields.some(({ field, exceptFor }) => field === name && !exceptFor.includes(given.to));
  if (fields.some(isRefused)) refuse('refused-field');
}

function judgeRenewal(
  findings: Findings,
  { limits }: Charter,
  { kind, day, keepUntil, subject }: Link,
): void {
  if (kind !== 'consent.renewed') return;
  const isBounded = daysBetween(day, keepUntil) <= limits.keepUntilDays.max;
  findings.demand('consent', isBounded, subject, 'keep-until-unbounded');
}
