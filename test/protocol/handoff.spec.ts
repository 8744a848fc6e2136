import { beforeAll, describe, expect, it } from '@jest/globals';
import { prepareFounder, recordConsent } from '../../src/client/index.js';
import { fromBase64url, idToBytes, newId, toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import {
  derivePaper,
  deriveReceipt,
  newCode,
  requireCode,
  type ReceiptKeys,
} from '../../src/protocol/encoding/codes.js';
import { epochKeys, signingKey, type BoxKey, type EpochKeys } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { KIND, ROLE } from '../../src/protocol/envelope/envelope.js';
import { statementLeaf } from '../../src/protocol/log/leaves.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import {
  openHandoff,
  type HandoffInput,
  type HandoffTrust,
} from '../../src/protocol/handoff/open-handoff.js';
import { openMessage } from '../../src/protocol/handoff/open-message.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import type { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import type { HandoffReleased } from '../../src/protocol/schemas/statements.js';
import { sealEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import {
  sealHandoff,
  type HandoffToSeal,
  type SealedHandoff,
} from '../../src/protocol/handoff/seal-handoff.js';
import { hashText, readUnverified, sign } from '../../src/protocol/encoding/signed.js';
import { policyOf, TestLog } from '../support/log/test-log.js';

const TODAY = '2026-11-24';
const RECORD: HandoffRecord = { calledName: 'Sam', spokenLanguages: ['ti'], reason: 'Zorg nodig — ሰላም.' };

/** Sealing and opening by our own two halves, through a registry and a log made for it. */
describe('a handoff that is sealed and opened', () => {
  const network = newId();
  const name = `relais-${network}/consent`;
  const consentLog = new TestLog(`${name}/2026`);
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
  const parties = [a.public, b.public];
  const charter = defaultCharter(
    'Test',
    parties.map(({ id, root }) => ({ organisation: id, root })),
  );
  const entries = [
    ...parties.map(({ organisation }) => organisation),
    ...parties.map(({ coordinatorKey }) => coordinatorKey),
    ...parties.flatMap(({ serviceKeys }) => serviceKeys),
  ];
  const registry = followRegistry(
    emptyRegistry({ network, roots: parties.map(({ root }) => root) }),
    entries,
  );
  const trust: HandoffTrust = { log: name, registry, policy: parsePolicy(policyOf(consentLog)), charter };
  const [from, to] = [a, b].map(({ device }) => epochKeys(fromBase64url(device.epochs[0]?.seed ?? ''))) as [
    EpochKeys,
    EpochKeys,
  ];
  let person: ReceiptKeys;
  let toSeal: HandoffToSeal;
  let sealed: SealedHandoff;
  let input: HandoffInput;

  beforeAll(async () => {
    person = await deriveReceipt(requireCode(newCode()));
    const consentRecord = recordConsent(charter, TODAY, {
      purpose: 'health-care',
      fields: Object.keys(RECORD),
      language: 'nl',
      modality: 'telephone',
      representation: 'mandate',
      alternativesOffered: [],
      teachBack: true,
    });
    toSeal = {
      log: name,
      referral: newId(),
      from: { service: a.services[0]?.id ?? '', keys: from },
      to: { service: b.services[0]?.id ?? '', box: to.box.publicKey },
      consentRecord,
      record: RECORD,
      refusedFields: charter.refusedFields,
      day: TODAY,
      person,
      device: { sign: signingKey(fromBase64url(a.device.sign)), certificate: a.device.certificate },
    };
    sealed = sealHandoff(toSeal);
    input = await inputOf(sealed);
  });

  it('is not sealed beyond the consent: before it or after its last day, incomplete, or with a member not consented to', () => {
    const { consentRecord, record } = toSeal;
    const day = (at: string, days: number) =>
      new Date(Date.parse(at) + days * 86_400_000).toISOString().slice(0, 10);
    const {
      interpreter: _,
      teachBack,
      ...untaught
    } = consentRecord as typeof consentRecord & { teachBack: unknown };
    expect(teachBack).toBe(true);
    for (const [change, check] of [
      [{ day: day(consentRecord.day, -1) }, 'dates'],
      [{ day: day(consentRecord.sendUntil, 1) }, 'dates'],
      [{ consentRecord: untaught as never }, 'consent-record'],
      [{ record: { ...record, safetyNotes: 'not consented to' } }, 'record-members'],
    ] as const)
      expect(() => sealHandoff({ ...toSeal, ...change })).toThrow(expect.objectContaining({ check }));
    for (const last of [consentRecord.day, consentRecord.sendUntil])
      expect(sealHandoff({ ...toSeal, day: last }).statements).toHaveLength(2);
  });

  async function inputOf(made: SealedHandoff, role = 1): Promise<HandoffInput> {
    const indexes = made.statements.map(({ jws, opening }) =>
      consentLog.add(statementLeaf(name, fromBase64url(opening), jws)),
    );
    const statements = await Promise.all(
      made.statements.map(async ({ jws, opening }, i) => ({
        jws,
        proof: await consentLog.proof(indexes[i] ?? 0n, fromBase64url(opening)),
      })),
    );
    const { ctx, wraps, body } = made;
    return {
      statements,
      ctx,
      role,
      wrap: wraps[role - 1] ?? new Uint8Array(0),
      wrapHashes: wraps.map(sha256),
      body,
    };
  }

  function opened(over: Partial<HandoffInput>, own: BoxKey, by: HandoffTrust = trust) {
    return () => openHandoff({ ...input, ...over }, own, by);
  }

  it('gives each of the three what was sealed', () => {
    const owns = [to.box, from.box, person.box];
    for (const [i, own] of owns.entries()) {
      const result = opened({ role: i + 1, wrap: sealed.wraps[i] ?? new Uint8Array(0) }, own)();
      expect({ ...result.record }).toEqual(RECORD);
      expect(result.secrets).toEqual(sealed.secrets);
      expect(result.consentRecord.representation).toBe('mandate');
    }
  });

  it('is opened again once it was received, before that is in the log', () => {
    const { chain } = opened({}, to.box)();
    const { consent, referral } = chain.given;
    const prev = toBase64url(hashText(chain.head));
    const received = { log: name, kind: 'handoff.received', consent, referral, prev, day: TODAY } as const;
    const statements = [...input.statements, { jws: sign('consent-statement+jws', received, to.sign) }];
    expect(opened({ statements }, to.box)().chain.state).toBe('received');
  });

  it('is refused without its proofs, and before it is released', () => {
    const bare = input.statements.map(({ jws }) => ({ jws }));
    expect(opened({ statements: bare }, to.box)).toThrow(expect.objectContaining({ check: 'proof' }));
    expect(opened({ statements: input.statements.slice(0, 1) }, to.box)).toThrow(
      expect.objectContaining({ check: 'chain' }),
    );
  });

  it('stays readable for both services when the epoch that sent it is revoked that day or later', () => {
    for (const day of [TODAY, '2026-12-01']) {
      const revoked = { ...trust, registry: revoking(day) };
      for (const [i, own] of [to.box, from.box].entries())
        expect(
          opened({ role: i + 1, wrap: sealed.wraps[i] ?? new Uint8Array(0) }, own, revoked)().fields,
        ).toEqual(Object.keys(RECORD).sort());
    }
  });

  it('is refused when the epoch that sent it was revoked the day before, or is of another month', () => {
    const before = { ...trust, registry: revoking('2026-11-23') };
    expect(opened({}, to.box, before)).toThrow(expect.objectContaining({ check: 'ctx-recipients' }));
    const keys = [...registry.serviceKeys].map(
      ([kid, key]) => [kid, { ...key, until: '2026-11-23' }] as const,
    );
    const over = { ...trust, registry: { ...registry, serviceKeys: new Map(keys) } };
    expect(opened({}, to.box, over)).toThrow(expect.objectContaining({ check: 'ctx-recipients' }));
  });

  function revoking(day: string) {
    const payload = {
      network,
      organisation: a.public.id,
      key: from.sign.kid,
      from: day,
      reason: 'device-lost',
    };
    return followRegistry(registry, [
      sign('revocation+jws', payload, derivePaper(requireCode(a.paperCode)).sign),
    ]);
  }

  it('is refused where the person refers themselves: that has a form of its own', () => {
    const day = TODAY;
    const payload = (text: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    const [given, released] = sealed.statements.map(({ jws }) => payload(jws)) as [object, object];
    const own = sign('consent-statement+jws', JSON.stringify({ ...given, from: null, day }), person.sign);
    const prev = toBase64url(hashText(own));
    const out = sign('consent-statement+jws', JSON.stringify({ ...released, prev, day }), person.sign);
    const statements = [own, out].map((jws) => ({ jws }));
    expect(opened({ statements }, to.box)).toThrow(expect.objectContaining({ check: 'self-referral' }));
  });

  it('is not sealed with what the person did not agree to, or what no handoff may carry without a vote', () => {
    const more = { ...toSeal, record: { ...RECORD, commune: 'Schaerbeek' } };
    expect(() => sealHandoff(more)).toThrow(expect.objectContaining({ check: 'record-members' }));
    const record = { nationality: 'x' } as HandoffRecord;
    const refused = {
      ...toSeal,
      record,
      consentRecord: { ...toSeal.consentRecord, fields: ['nationality'] },
    };
    expect(() => sealHandoff(refused)).toThrow(expect.objectContaining({ check: 'refused-field' }));
    const exceptFor = (service: string) => ({
      ...refused,
      refusedFields: [{ field: 'nationality', exceptFor: [service] }],
    });
    expect(() => sealHandoff(exceptFor(toSeal.from.service))).toThrow(
      expect.objectContaining({ check: 'refused-field' }),
    );
    expect(sealHandoff(exceptFor(toSeal.to.service)).statements).toHaveLength(2);
  });

  it('is neither sealed nor opened with a record that is not of its schema', async () => {
    const record = { ...RECORD, reason: 'x'.repeat(3000) };
    expect(() => sealHandoff({ ...toSeal, record })).toThrow(expect.objectContaining({ check: 'schema' }));
    const honest = await inputOf(sealByHand(RECORD));
    expect({ ...openHandoff(honest, to.box, trust).record }).toEqual(RECORD);
    const forged = await inputOf(sealByHand(record));
    expect(() => openHandoff(forged, to.box, trust)).toThrow(expect.objectContaining({ check: 'inner-jws' }));
  });

  /** What a client that checks nothing would seal under the consent of `sealed`. */
  function sealByHand(record: HandoffRecord): SealedHandoff {
    const [given, released] = sealed.statements;
    const { referral, from: source, device } = toSeal;
    const envelope = sealEnvelope({
      kind: KIND.handoff,
      referral: idToBytes(referral),
      consent: hashText(given?.jws ?? ''),
      recipients: [
        { role: ROLE.receiver, publicKey: toSeal.to.box },
        { role: ROLE.sender, publicKey: source.keys.box.publicKey },
        { role: ROLE.person, publicKey: person.box.publicKey },
      ],
      content: (ctxHash) => {
        const { certificate } = device;
        const payload = { ctx: toBase64url(ctxHash), record, ...sealed.secrets, certificate };
        return utf8(sign('handoff+jws', JSON.stringify(payload), device.sign));
      },
    });
    const payload = readUnverified(released?.jws ?? '').payload as HandoffReleased;
    const digest = toBase64url(envelope.digest);
    const jws = sign('consent-statement+jws', { ...payload, digest }, source.keys.sign);
    const statements = [given, { jws, opening: released?.opening ?? '' }] as SealedHandoff['statements'];
    return { ...envelope, statements, secrets: sealed.secrets };
  }

  it('is no message, nor is a message of another referral or consent', () => {
    const { given } = openHandoff(input, to.box, trust).chain;
    const consent = hashText(input.statements[0]?.jws ?? '');
    const message = { ctx: sealed.ctx, role: 1, wrap: input.wrap, body: sealed.body };
    const read =
      (ctx: Uint8Array, context = { given, consent, thread: [], registry }) =>
      () =>
        openMessage({ ...message, ctx }, to.box, context);
    expect(read(sealed.ctx)).toThrow(expect.objectContaining({ check: 'ctx-kind' }));
    const asMessage = sealed.ctx.map((byte, i) => (i === 20 ? 2 : byte));
    const other = { given: { ...given, referral: newId() }, consent, thread: [], registry };
    expect(read(asMessage, other)).toThrow(expect.objectContaining({ check: 'ctx-referral' }));
    expect(read(asMessage, { ...other, given, consent: sha256(consent) })).toThrow(
      expect.objectContaining({ check: 'ctx-consent' }),
    );
    expect(read(asMessage)).toThrow(expect.objectContaining({ check: 'hpke' }));
  });
});
