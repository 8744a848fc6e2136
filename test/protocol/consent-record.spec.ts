import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultCharter, textHash } from '../../src/protocol/registry/charter.js';
import {
  parseFields,
  requireVotedNotice,
  verifyConsentRecord,
  type ConsentRecord,
} from '../../src/protocol/consent/consent-record.js';
import refer1 from '../../src/protocol/consent/notices/refer-1.json' with { type: 'json' };
import { CONSENT_RECORD_EXAMPLE, STATEMENT_EXAMPLES } from '../../src/protocol/schemas/examples.js';
import type { ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { readVectors } from '../support/log/vectors.js';

const given = STATEMENT_EXAMPLES['consent.given'];
const record = CONSENT_RECORD_EXAMPLE;
const { notice, fields } = record;

function verify(change: object = {}, of: { fields?: string[]; given?: ConsentGiven } = {}): ConsentRecord {
  return verifyConsentRecord(
    JSON.stringify({ ...record, ...change }),
    of.fields ?? fields,
    of.given ?? given,
  );
}

describe('a consent record', () => {
  it('says what the signed consent says', () => {
    expect(verify()).toEqual(record);
  });

  it.each<[string, object]>([
    ['another purpose', { purpose: 'legal-aid' }],
    ['another family of notices', { notice: { ...notice, family: 'transfer' } }],
    ['another version of the notice', { notice: { ...notice, version: 2 } }],
    ['another last day to send', { sendUntil: '2026-12-08' }],
    ['another last day to keep', { keepUntil: '2027-03-24' }],
    ['a field more', { fields: [...fields, 'safetyNotes'] }],
    ['a field less', { fields: fields.slice(1) }],
    ['a field less at the end', { fields: fields.slice(0, -1) }],
    ['the fields in another order', { fields: fields.toReversed() }],
    ['another field', { fields: [...fields.slice(0, -1), 'safetyNotes'] }],
    ['a language that the notice was not in', { language: 'nl' }],
    ['nothing said back', { teachBack: false }],
    ['help that depends on it', { helpDependsOnConsent: true }],
    ['a modality that is none', { modality: 'ticked' }],
    ['a name for the interpreter', { interpreter: 'Ms Example' }],
  ])('is refused with %s', (_, change) => {
    expect(() => verify(change)).toThrow(expect.objectContaining({ check: 'consent-record' }));
  });

  it('is of a newer version with a member more', () => {
    expect(() => verify({ signature: 'x' })).toThrow(expect.objectContaining({ check: 'upgrade' }));
  });

  it.each(Object.keys(record).filter((member) => member !== 'interpreter'))(
    'is refused without %s',
    (member) => {
      expect(() => verify({ [member]: undefined })).toThrow(
        expect.objectContaining({ check: 'consent-record' }),
      );
    },
  );

  it('is refused when it is no JSON, or has a member twice', () => {
    for (const text of ['', '{', '[]', 'null', `{"purpose":"x",${JSON.stringify(record).slice(1)}`])
      expect(() => verifyConsentRecord(text, fields, given)).toThrow(
        expect.objectContaining({ check: 'consent-record' }),
      );
  });

  it('does not change when the consent is renewed: the dates stay those of the consent', () => {
    expect(() => verify({}, { given: { ...given, keepUntil: '2027-06-30' } })).toThrow(
      expect.objectContaining({ check: 'consent-record' }),
    );
  });

  it('is read as it stands in the vectors', () => {
    const { handoff } = readVectors('handoff.json') as { handoff: { content: string } };
    const payload = JSON.parse(
      Buffer.from(handoff.content.split('.')[1] ?? '', 'base64url').toString(),
    ) as Record<'consentRecord' | 'fields', string>;
    const own = JSON.parse(payload.consentRecord) as ConsentRecord;
    const { purpose, sendUntil, keepUntil } = own;
    const signed = { ...given, purpose, notice: 'refer@3', sendUntil, keepUntil };
    expect(verifyConsentRecord(payload.consentRecord, parseFields(payload.fields), signed)).toEqual(own);
  });
});

describe('the notice of a consent record', () => {
  const charter = defaultCharter('Réseau d’essai', []);
  const voted = { ...notice, sha256: textHash(refer1.fr) };

  it('is one that the charter names, word for word', () => {
    expect(() => requireVotedNotice({ ...record, notice: voted }, charter)).not.toThrow();
  });

  it.each([
    ['in other words', notice],
    ['of a version that was not voted', { ...voted, version: 2 }],
    ['in a language that was not voted', { ...voted, language: 'ti' }],
    ['of another language’s text', { ...voted, language: 'nl' }],
    ['of a family that was not voted', { ...voted, family: 'transfer' }],
  ])('is refused %s', (_, other) => {
    expect(() => requireVotedNotice({ ...record, notice: other }, charter)).toThrow(
      expect.objectContaining({ check: 'notice' }),
    );
  });
});

describe('the list of fields', () => {
  it('is read when strictly ascending, and only then', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'B', 'é', 'ab'), { maxLength: 4 }), (names) => {
        const isAscending = JSON.stringify([...new Set(names)].sort()) === JSON.stringify(names);
        const read = (): string[] => parseFields(JSON.stringify(names));
        if (isAscending) expect(read()).toEqual(names);
        else expect(read).toThrow(expect.objectContaining({ check: 'fields-commitment' }));
      }),
    );
  });

  it.each(['{}', '"reason"', '[1]', '["a",null]', 'null'])('is not %s', (text) => {
    expect(() => parseFields(text)).toThrow(expect.objectContaining({ check: 'fields-commitment' }));
  });
});
