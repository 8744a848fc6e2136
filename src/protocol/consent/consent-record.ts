import type { Charter } from '../registry/charter.js';
import { requireKnown } from '../encoding/check.js';
import { refuse } from '../encoding/errors.js';
import { parseStrict } from '../encoding/json.js';
import { ConsentRecord } from '../schemas/consent-record.js';
import type { ConsentGiven } from '../schemas/statements.js';

export { ConsentRecord };

/** Field names as they are committed to: a JSON array, strictly ascending by code unit. */
export function parseFields(text: string): string[] {
  const fields = parseStrict(text);
  if (!Array.isArray(fields) || !fields.every((field) => typeof field === 'string'))
    refuse('fields-commitment');
  const ascending = [...new Set(fields)].sort();
  if (!isSameList(fields, ascending)) refuse('fields-commitment');
  return fields;
}

/**
 * The consent record says what consent.given and the committed fields say, and the person was free and had
 * understood. The sender writes this text; the receiver and the auditor check it.
 */
export function verifyConsentRecord(
  text: string,
  fields: readonly string[],
  given: ConsentGiven,
): ConsentRecord {
  const record = parseRecord(text);
  const { notice, purpose, sendUntil, keepUntil } = record;
  const named = `${notice.family}@${String(notice.version)}`;
  if (purpose !== given.purpose || named !== given.notice) refuse('consent-record');
  if (sendUntil !== given.sendUntil || keepUntil !== given.keepUntil) refuse('consent-record');
  if (!isSameList(record.fields, fields) || record.language !== notice.language) refuse('consent-record');
  return record;
}

/** The notice was voted, in this very wording. */
export function requireVotedNotice({ notice }: ConsentRecord, charter: Pick<Charter, 'notices'>): void {
  const voted = charter.notices[`${notice.family}@${String(notice.version)}`]?.[notice.language];
  if (voted !== notice.sha256) refuse('notice');
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function parseRecord(text: string): ConsentRecord {
  let record: unknown;
  try {
    record = parseStrict(text);
  } catch {
    refuse('consent-record');
  }
  return requireKnown(ConsentRecord, record, 'consent-record');
}
