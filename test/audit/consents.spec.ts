import { describe, expect, it } from '@jest/globals';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { audit, whole, words } from '../support/log/audit.js';
import { inDays } from '../support/network/founders.js';
import {
  TestNetwork,
  TODAY,
  type Changes,
  type OpenedCase,
  type TestConsent,
} from '../support/log/public-log.js';

describe('a consent that does not hold', () => {
  const byMaker: readonly (readonly [string, (network: TestNetwork) => TestConsent, string])[] = [
    ['a release after a withdrawal', (n) => n.release(n.withdraw(n.give())), 'release/after-withdrawn'],
    [
      'a receipt after a withdrawal',
      (n) => n.receive(n.withdraw(n.release(n.give()))),
      'receipt/after-withdrawn',
    ],
    [
      'a receipt after an invalidation',
      (n) => n.receive(n.invalidate(n.release(n.give()))),
      'receipt/after-invalidated',
    ],
    [
      'a release to the key of another service',
      (n) => n.release(n.give(), { toKey: boxOf(n) }),
      'release/to-key',
    ],
    ['a release of other fields', (n) => n.release(n.give(), { fields: zeros() }), 'release/fields'],
    ['a release after the last day', (n) => n.release(n.give(), { day: inDays(TODAY, 15) }), 'release/dates'],
    [
      'a release signed by another service',
      (n) => n.release(n.give(), {}, n.other.keys.sign),
      'signer/signer',
    ],
    [
      'a release by a key that nobody registered',
      (n) => n.release(n.give(), {}, new TestNetwork().consent.key),
      'signer/kid',
    ],
    ['a second release', (n) => n.release(n.release(n.give())), 'chain/link'],
    ['a statement that names no predecessor', (n) => n.release(n.give(), { prev: null }), 'chain/link'],
    ['a consent under another log', (n) => n.give({ given: { log: 'relais/consent' } }), 'statement/log'],
    [
      'a statement with a member too many',
      (n) => n.release(n.give(), { more: 1 } as object),
      'statement/upgrade',
    ],
    ['a person’s key of small order', (n) => n.give({ given: { person: zeros() } }), 'statement/schema'],
    ['a receipt of something not released', (n) => n.receive(n.give()), 'chain/link'],
    ['an unvoted purpose', (n) => n.give(purpose('marketing')), 'consent/unvoted-purpose'],
    ['an unvoted notice', (n) => n.give(notice(2)), 'consent/unvoted-notice'],
    [
      'a notice in other words',
      (n) => n.give({ record: { notice: { ...refer1, sha256: zeros() } } }),
      'consent-record/notice',
    ],
    ['a consent without end to the sending', (n) => n.give(dates(300, 300)), 'consent/send-until-unbounded'],
    ['a consent kept without end', (n) => n.give(dates(10, 3000)), 'consent/keep-until-unbounded'],
    ['a renewal without end', (n) => n.renew(whole(n), inDays(TODAY, 3000)), 'consent/keep-until-unbounded'],
    ['a field that no service may ask for', (n) => n.give({ fields: ['religion'] }), 'consent/refused-field'],
    ['a consent before the charter', (n) => n.give({ given: { day: '2026-11-01' } }), 'consent/no-charter'],
    ['teach-back missing', (n) => n.give({ record: { teachBack: false } }), 'consent-record/no-teach-back'],
    [
      'help that depended on it',
      (n) => n.give({ record: { helpDependsOnConsent: true } }),
      'consent-record/not-free',
    ],
    ['a record that is no object', (n) => n.give({ recordText: 'null' }), 'consent-record/no-teach-back'],
    [
      'a record of another purpose',
      (n) => n.give({ record: { purpose: 'shelter' } }),
      'consent-record/consent-record',
    ],
  ];

  it.each(byMaker)('is named: %s', async (_, make, word) => {
    const report = await audit(make);
    expect(words(report)).toContain(word);
    expect(report.sound).toBe(false);
  });

  it.each([
    [
      'the record',
      (opened: OpenedCase) => (opened.consentRecord += ' '),
      'consent-record/consent-record-commitment',
    ],
    ['the fields', (opened: OpenedCase) => (opened.fields += ' '), 'consent-record/fields-commitment'],
    ['a salt', (opened: OpenedCase) => (opened.salts.fields = zeros()), 'consent-record/fields-commitment'],
    [
      'nothing but null',
      (opened: OpenedCase) => (opened.consentRecord = 'null'),
      'consent-record/consent-record-commitment',
    ],
  ])('is named when it shows another text than was committed to: %s', async (_, change, word) => {
    expect(words(await audit(whole, change))).toEqual([word]);
  });
});

const zeros = (): string => toBase64url(new Uint8Array(32));
const boxOf = (network: TestNetwork): string => toBase64url(network.other.keys.box.id);
const refer1 = { family: 'refer', version: 1, language: 'fr' };
const purpose = (name: string): Changes => ({ given: { purpose: name }, record: { purpose: name } });
const notice = (version: number): Changes => ({
  given: { notice: `refer@${version}` },
  record: { notice: { ...refer1, version, sha256: zeros() } },
});
const dates = (send: number, keep: number): Changes => {
  const until = { sendUntil: inDays(TODAY, send), keepUntil: inDays(TODAY, keep) };
  return { given: until, record: until };
};
