import { describe, expect, it } from '@jest/globals';
import { receiptFile, type ReceiptFileOptions, type ReceiptStory } from '../../src/client/index.js';
import { CONSENT_RECORD_EXAMPLE } from '../../src/protocol/schemas/examples.js';

const NAME = 'Clinique \u202e<b>\u2069\u200b';
const SHOWN = '<bdi>Clinique \ufffd&lt;b&gt;\ufffd\ufffd</bdi>';
const party = { service: { id: 'x', name: NAME }, organisation: { id: 'y', name: NAME } };
const story: ReceiptStory = {
  referral: 'r',
  kind: 'referral',
  status: 'received',
  statusReason: null,
  outcome: null,
  businessStatus: null,
  today: '2026-11-30',
  source: party,
  target: party,
  purpose: 'health-care',
  notice: 'refer@1',
  given: '2026-11-24',
  sendUntil: '2026-12-10',
  keepUntil: '2027-03-24',
  disclosures: [{ service: 'x', day: '2026-11-25' }],
  renewals: [{ day: '2026-11-26', keepUntil: '2027-03-25' }],
  withdrawn: { day: '2026-11-27', means: 'on-word', by: 'target' },
  invalidated: { day: '2026-11-28', reason: 'sent-twice' },
  erased: { source: true, target: true },
  contentKept: true,
  renewableUntil: null,
  feedbackGiven: false,
};
const OF: Omit<ReceiptFileOptions, 'language'> = {
  story,
  shared: {
    record: { calledName: 'Sam\u202e' },
    fields: ['calledName'],
    consentRecord: CONSENT_RECORD_EXAMPLE,
    secrets: { consentRecord: '{}', fields: '[]', salts: { fields: '', consentRecord: '' } },
    notice: undefined,
  },
  proofs: [],
  messages: [
    { side: 'source', day: '2026-11-25', text: 'one\u2067\ntwo' },
    { side: 'person', day: '2026-11-25', text: 'x' },
  ],
};

describe('a copy of what services of version 0.1 have written', () => {
  it.each(['fr', 'nl', 'en', 'ar'] as const)(
    'isolates each name, and hides nothing in it: %s',
    (language) => {
      const html = receiptFile({ ...OF, language });
      expect(html.split(SHOWN)).toHaveLength(1 + 7);
      expect(html.replaceAll(SHOWN, '')).not.toContain('Clinique');
      expect(html).toContain('Sam\ufffd');
      expect(html).toContain('one\ufffd\ntwo');
      expect(html).not.toMatch(/[\u200b\u202a-\u202e\u2066-\u2069]/u);
    },
  );
});
