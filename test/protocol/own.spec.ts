import { beforeAll, describe, expect, it } from '@jest/globals';
import { prepareFounder, recordConsent } from '../../src/client/index.js';
import { fromBase64url, idToBytes, newId, toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { deriveReceipt, newCode, requireCode, type ReceiptKeys } from '../../src/protocol/encoding/codes.js';
import { epochKeys, signingKey, type EpochKeys, type SigningKey } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { KIND, ROLE } from '../../src/protocol/envelope/envelope.js';
import { openMessage } from '../../src/protocol/handoff/open-message.js';
import { openOwnHandoff } from '../../src/protocol/handoff/open-own-handoff.js';
import { readOwnChain } from '../../src/protocol/consent/own-chain.js';
import { sealEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import {
  sealHandoff,
  type HandoffToSeal,
  type SealedHandoff,
} from '../../src/protocol/handoff/seal-handoff.js';
import { sealMessage } from '../../src/protocol/handoff/seal-message.js';
import type { ConsentGiven, HandoffReleased } from '../../src/protocol/schemas/statements.js';
import { hashText, readUnverified, sign } from '../../src/protocol/encoding/signed.js';
import { freshKey } from '../support/network/founders.js';

const TODAY = '2026-11-24';
const LATER = '2026-11-25';
const RECORD = { calledName: 'Sam', reason: 'A wound.' };

/** The person has their code, and no registry. */
describe('what a person reads of their own case', () => {
  const network = newId();
  const log = `relais-${network}/consent`;
  const info = {
    network,
    issuer: 'https://relais.example',
    founded: false,
    today: TODAY,
    policy: '',
    unwitnessedSince: null,
  };
  const [a, b] = ['La Ruelle', 'Clinique'].map((each) => prepareFounder(info, each, [each])) as [
    ReturnType<typeof prepareFounder>,
    ReturnType<typeof prepareFounder>,
  ];
  const members = [a.public, b.public].map(({ id, root }) => ({ organisation: id, root }));
  const charter = defaultCharter('Test', members);
  const [from, to] = [a, b].map(({ device }) => epochKeys(fromBase64url(device.epochs[0]?.seed ?? ''))) as [
    EpochKeys,
    EpochKeys,
  ];
  let person: ReceiptKeys;
  let toSeal: HandoffToSeal;
  let made: SealedHandoff;
  let texts: string[];
  let given: ConsentGiven;

  beforeAll(async () => {
    person = await deriveReceipt(requireCode(newCode()));
    toSeal = {
      log,
      referral: newId(),
      from: { service: a.services[0]?.id ?? '', keys: from },
      to: { service: b.services[0]?.id ?? '', box: to.box.publicKey },
      consentRecord: recordConsent(charter, TODAY, {
        purpose: 'health-care',
        fields: Object.keys(RECORD),
        language: 'ar',
        modality: 'spoken',
        representation: 'none',
        alternativesOffered: [],
        teachBack: true,
      }),
      record: RECORD,
      refusedFields: charter.refusedFields,
      day: TODAY,
      person,
      device: { sign: signingKey(fromBase64url(a.device.sign)), certificate: a.device.certificate },
    };
    made = sealHandoff(toSeal);
    texts = made.statements.map(({ jws }) => jws);
    given = readUnverified(texts[0] ?? '').payload as ConsentGiven;
  });

  const own = (keys = person) => ({ sign: keys.sign.publicKey, boxId: keys.box.id });
  const read = (statements: readonly string[] = texts, keys = person) =>
    readOwnChain(log, statements, own(keys));
  const refused = (check: string) => expect.objectContaining({ check }) as unknown as Error;

  /** One statement more, by whichever key, changed in whichever member. */
  function next(before: readonly string[], added: object, key: SigningKey = to.sign): string[] {
    const { consent, referral } = given;
    const prev = toBase64url(hashText(before.at(-1) ?? ''));
    const payload = { log, consent, referral, prev, day: LATER, ...added };
    return [...before, sign('consent-statement+jws', JSON.stringify(payload), key)];
  }
  const withdrawn = (more = {}) => ({
    kind: 'consent.withdrawn',
    means: 'own-code',
    by: 'person',
    prev: toBase64url(hashText(texts[0] ?? '')),
    ...more,
  });

  it('tells everything that happened, in its order', () => {
    const keepUntil = '2027-05-01';
    let chain = next(texts, { kind: 'handoff.received' });
    expect(read(chain)).toMatchObject({ state: 'received', lastDay: LATER });
    chain = next(chain, { kind: 'consent.renewed', keepUntil }, person.sign);
    expect(read(chain)).toMatchObject({ keepUntil, state: 'received' });
    const invalidated = next(chain, { kind: 'consent.invalidated', reason: 'sent-twice' }, from.sign);
    expect(read(invalidated).state).toBe('invalidated');
    const ended = next(chain, withdrawn(), person.sign);
    expect(read(ended)).toMatchObject({ state: 'withdrawn', keepUntil });
    expect(read(ended).said.map(({ kind }) => kind)).toEqual([
      'consent.given',
      'handoff.released',
      'handoff.received',
      'consent.renewed',
      'consent.withdrawn',
    ]);
  });

  it('is refused where the statements are not theirs, or do not follow one another', async () => {
    const other = await deriveReceipt(requireCode(newCode()));
    expect(() => read([])).toThrow(refused('chain'));
    expect(() => read(texts, other)).toThrow(refused('person'));
    expect(() => read(texts, { ...person, box: other.box })).toThrow(refused('person'));
    expect(() => read(texts.slice(1))).toThrow(refused('chain'));
    expect(() => readOwnChain('relais-x/consent', texts, own())).toThrow(refused('log'));
    const received = { kind: 'handoff.received' };
    for (const [chain, check] of [
      [next(texts, { ...received, log: 'another' }), 'log'],
      [next(texts, { ...received, prev: toBase64url(new Uint8Array(32)) }), 'chain'],
      [next(texts, { ...received, day: '2026-11-01' }), 'dates'],
      [next(next(texts, received), received), 'chain'],
      [next(texts, { kind: 'consent.renewed', keepUntil: given.keepUntil }, from.sign), 'dates'],
      [[...texts, texts[1] ?? ''], 'chain'],
      [next(texts, withdrawn(), from.sign), 'signer'],
      [next(next(texts, withdrawn(), person.sign), received), 'chain'],
      [next(texts, { ...given, prev: toBase64url(hashText(texts[1] ?? '')), day: LATER }), 'chain'],
    ] as const)
      expect(() => read(chain)).toThrow(refused(check));
    const released = readUnverified(texts[1] ?? '').payload as HandoffReleased;
    const otherFields = { ...released, fields: toBase64url(new Uint8Array(32)) };
    expect(() => read(next(texts.slice(0, 1), otherFields, from.sign))).toThrow(refused('chain'));
    const erased = { log, kind: 'erasure.done', service: newId(), day: LATER, leaves: [[2026, 1]] };
    const erasure = sign('consent-statement+jws', JSON.stringify(erased), from.sign);
    expect(() => read([...texts, erasure])).toThrow(refused('chain'));
  });

  it('is refused where what they have signed themselves was changed', () => {
    const [head = '', body = '', signature = ''] = (next(texts, withdrawn(), person.sign).at(-1) ?? '').split(
      '.',
    );
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect(() => read([...texts, [head, body, other].join('.')])).toThrow(refused('signature'));
  });

  const input = (of = made) => ({
    ctx: of.ctx,
    wrap: of.wraps[2] ?? new Uint8Array(0),
    wrapHashes: of.wraps.map(sha256),
    body: of.body,
  });

  it('is what was sealed for them, and nothing else', () => {
    const opened = openOwnHandoff(input(), person.box, read());
    expect(opened).toMatchObject({ record: RECORD, fields: Object.keys(RECORD).sort() });
    expect(opened.consentRecord.language).toBe('ar');
    const { wraps, body, ctx } = made;
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    for (const [change, check] of [
      [{ wrap: wraps[1] ?? ctx }, 'digest'],
      [{ body: flip(body, 80) }, 'digest'],
      [{ ctx: flip(ctx, 20) }, 'ctx-form'],
      [{ ctx: flip(ctx, 30) }, 'ctx-referral'],
      [{ ctx: flip(ctx, 60) }, 'ctx-consent'],
      [{ ctx: flip(ctx, 90) }, 'ctx-recipients'],
      [{ ctx: flip(ctx, ctx.length - 1) }, 'ctx-recipients'],
    ] as const)
      expect(() => openOwnHandoff({ ...input(), ...change }, person.box, read())).toThrow(refused(check));
    expect(() => openOwnHandoff(input(), to.box, read())).toThrow(refused('ctx-recipients'));
  });

  it('is not opened once it was taken back, nor before it was sent', () => {
    const ended = read(next(texts, withdrawn(), person.sign));
    expect(() => openOwnHandoff(input(), person.box, ended)).toThrow(refused('withdrawn'));
    expect(() => openOwnHandoff(input(), person.box, read(texts.slice(0, 1)))).toThrow(refused('chain'));
  });

  /** An envelope that somebody else has sealed for this consent, and a release that signs it. */
  function forged(content: string, more: { kind?: 1 | 2; withSender?: false } = {}) {
    const recipients = [
      { role: ROLE.receiver, publicKey: to.box.publicKey },
      ...(more.withSender === false ? [] : [{ role: ROLE.sender, publicKey: from.box.publicKey } as const]),
      { role: ROLE.person, publicKey: person.box.publicKey },
    ];
    const sealed = sealEnvelope({
      kind: more.kind ?? KIND.handoff,
      referral: idToBytes(given.referral),
      consent: hashText(texts[0] ?? ''),
      recipients,
      content: () => utf8(content),
    });
    const released = readUnverified(texts[1] ?? '').payload as HandoffReleased;
    const digest = toBase64url(sealed.digest);
    const chain = next(
      texts.slice(0, 1),
      { ...released, prev: toBase64url(hashText(texts[0] ?? '')), digest },
      from.sign,
    );
    const wrap = sealed.wraps.at(-1) ?? new Uint8Array(0);
    return () => openOwnHandoff({ ...input({ ...made, ...sealed }), wrap }, person.box, read(chain));
  }

  it('is refused where the sender did not sign it, or signed something else', () => {
    const payload = { ctx: toBase64url(new Uint8Array(32)), record: {}, consentRecord: '{}', fields: '[]' };
    const salts = { fields: payload.ctx, consentRecord: payload.ctx };
    const device = toSeal.device.sign;
    const inner = (certificate: unknown, key = device) =>
      sign('handoff+jws', JSON.stringify({ ...payload, salts, certificate }), key);
    const { certificate } = toSeal.device;
    expect(forged('no signed object')).toThrow(refused('inner-jws'));
    expect(forged(inner(undefined))).toThrow(refused('certificate'));
    expect(forged(inner('a.b.c'))).toThrow(refused('certificate'));
    expect(forged(inner(b.device.certificate))).toThrow(refused('certificate'));
    expect(forged(inner(certificate, freshKey()))).toThrow(refused('inner-jws'));
    expect(forged(inner(certificate))).toThrow(refused('ctx-claim'));
    expect(forged(inner(certificate), { kind: KIND.message })).toThrow(refused('ctx-kind'));
    expect(forged(inner(certificate), { withSender: false })).toThrow(refused('ctx-recipients'));
  });

  it('shows messages of both services by the certificates inside, and their own by their own key', () => {
    const consent = hashText(texts[0] ?? '');
    const keys = { receiver: to.box.publicKey, sender: from.box.publicKey, person: person.box.publicKey };
    const write = (side: 'source' | 'target' | 'person', author: object, about?: 'correction') =>
      sealMessage({
        ...{ given, consent, to: keys, thread: [], side, day: TODAY, text: 'x', about },
        author: author as { sign: SigningKey },
      });
    const authorOf = ({ device }: typeof a) => ({
      sign: signingKey(fromBase64url(device.sign)),
      certificate: device.certificate,
    });
    const open = ({ ctx, wraps, body }: ReturnType<typeof write>) =>
      openMessage({ ctx, role: ROLE.person, wrap: wraps[2] ?? ctx, body }, person.box, {
        given,
        consent,
        thread: [],
      });
    expect(open(write('source', authorOf(a))).side).toBe('source');
    expect(open(write('target', authorOf(b))).side).toBe('target');
    const asked = open(write('person', { sign: person.sign }, 'correction'));
    expect([asked.side, asked.message.kind]).toEqual(['person', 'correction']);
    const stranger = prepareFounder(info, 'Une autre', ['Une autre']);
    expect(() => open(write('source', authorOf(stranger)))).toThrow(refused('certificate'));
    expect(() => open(write('source', { ...authorOf(a), sign: freshKey() }))).toThrow(refused('inner-jws'));
  });
});
