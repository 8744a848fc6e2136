import { beforeAll, describe, expect, it } from '@jest/globals';
import { prepareFounder, recordConsent } from '../../src/client/index.js';
import { fromBase64url, idToBytes, newId, utf8 } from '../../src/protocol/encoding/bytes.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { deriveReceipt, newCode, requireCode, type ReceiptKeys } from '../../src/protocol/encoding/codes.js';
import { epochKeys, signingKey, type EpochKeys } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { KIND, ROLE } from '../../src/protocol/envelope/envelope.js';
import { openMessage } from '../../src/protocol/handoff/open-message.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import type { ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { sealEnvelope, type SealedEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import { signConsent } from '../../src/protocol/handoff/seal-handoff.js';
import { sealMessage, type MessageToSeal } from '../../src/protocol/handoff/seal-message.js';
import { hashText, readUnverified } from '../../src/protocol/encoding/signed.js';
import type { ThreadEntry } from '../../src/protocol/handoff/thread.js';

const day = '2026-11-24';

describe('messages of a consented handoff', () => {
  const network = newId();
  const info = {
    network,
    issuer: 'https://relais.example',
    founded: false,
    today: day,
    policy: '',
    unwitnessedSince: null,
  };
  const [a, b] = ['La Ruelle', 'Clinique'].map((each) => prepareFounder(info, each, [each])) as [
    ReturnType<typeof prepareFounder>,
    ReturnType<typeof prepareFounder>,
  ];
  const parties = [a.public, b.public];
  const charter = defaultCharter(
    'Test',
    parties.map(({ id, root }) => ({ organisation: id, root })),
  );
  const registry = followRegistry(emptyRegistry({ network, roots: parties.map(({ root }) => root) }), [
    ...parties.map(({ organisation }) => organisation),
    ...parties.map(({ coordinatorKey }) => coordinatorKey),
    ...parties.flatMap(({ serviceKeys }) => serviceKeys),
  ]);
  const [from, to] = [a, b].map(({ device }) => epochKeys(fromBase64url(device.epochs[0]?.seed ?? ''))) as [
    EpochKeys,
    EpochKeys,
  ];
  let person: ReceiptKeys;
  let given: ConsentGiven;
  let consent: Uint8Array;

  beforeAll(async () => {
    person = await deriveReceipt(requireCode(newCode()));
    const signed = signConsent({
      log: `relais-${network}/consent`,
      referral: newId(),
      from: { service: a.services[0]?.id ?? '', keys: from },
      to: { service: b.services[0]?.id ?? '', box: to.box.publicKey },
      consentRecord: recordConsent(charter, day, {
        purpose: 'health-care',
        fields: ['calledName'],
        language: 'nl',
        modality: 'telephone',
        representation: 'mandate',
        alternativesOffered: [],
        teachBack: true,
      }),
      record: { calledName: 'Sam' },
      refusedFields: charter.refusedFields,
      day,
      person,
      device: { sign: signingKey(fromBase64url(a.device.sign)), certificate: a.device.certificate },
    });
    given = readUnverified(signed.given).payload as ConsentGiven;
    consent = hashText(signed.given);
  });

  function recipients(): MessageToSeal['to'] {
    return {
      receiver: to.box.publicKey,
      sender: from.box.publicKey,
      person: person.box.publicKey,
    };
  }

  function authorOf({ device }: typeof a): MessageToSeal['author'] {
    return { sign: signingKey(fromBase64url(device.sign)), certificate: device.certificate };
  }

  function open(made: SealedEnvelope, thread: readonly ThreadEntry[], told = given) {
    const message = { ctx: made.ctx, role: 1, wrap: made.wraps[0] ?? made.ctx, body: made.body };
    return openMessage(message, to.box, { given: told, consent, thread, registry });
  }

  it('follow one another, of a device of either side and of the person', () => {
    const thread: ThreadEntry[] = [];
    const said: string[] = [];
    for (const [side, author] of [
      ['source', authorOf(a)],
      ['target', authorOf(b)],
      ['person', { sign: person.sign }],
      ['source', authorOf(a)],
    ] as const) {
      const made = sealMessage({ given, consent, to: recipients(), thread, side, day, text: 'x', author });
      const opened = open(made, thread);
      thread.push(opened);
      said.push(`${opened.side} ${opened.message.number}`);
      expect(() => open(made, thread)).toThrow(expect.objectContaining({ check: 'message-number' }));
    }
    expect(said).toEqual(['source 1', 'target 1', 'person 1', 'source 2']);
  });

  it('go on after one that could not be opened, which counts for nobody', () => {
    const thread: ThreadEntry[] = [{ side: null, bodyHash: sha256(consent) }];
    const of = { given, consent, to: recipients(), side: 'target', day, text: 'x' } as const;
    const made = sealMessage({ ...of, thread, author: authorOf(b) });
    expect(open(made, thread).message.number).toBe(1);
    expect(() => open(made, [])).toThrow(expect.objectContaining({ check: 'message-previous' }));
  });

  it('are refused where somebody is left out, and be it the person', () => {
    const { receiver, sender, person: own } = recipients();
    const all = [
      { role: ROLE.receiver, publicKey: receiver },
      { role: ROLE.sender, publicKey: sender },
      { role: ROLE.person, publicKey: own },
    ];
    const made = (to: typeof all): SealedEnvelope =>
      sealEnvelope({
        kind: KIND.message,
        referral: idToBytes(given.referral),
        consent,
        recipients: to,
        content: () => utf8('x'),
      });
    for (const to of [
      all.slice(0, 1),
      all.slice(0, 2),
      [...all, { role: ROLE.auditor, publicKey: own }],
    ] as (typeof all)[])
      expect(() => open(made(to), [])).toThrow(expect.objectContaining({ check: 'ctx-recipients' }));
    const another = all.map((each) => (each.role === ROLE.person ? { ...each, publicKey: sender } : each));
    expect(() => open(made(another), [])).toThrow(expect.objectContaining({ check: 'ctx-recipients' }));
    const selfReferred = { ...given, from: null };
    expect(() => open(made(all), [], selfReferred)).toThrow(
      expect.objectContaining({ check: 'ctx-recipients' }),
    );
    const both = all.filter(({ role }) => role !== ROLE.sender);
    expect(() => open(made(both), [], selfReferred)).toThrow(expect.objectContaining({ check: 'inner-jws' }));
  });
});
