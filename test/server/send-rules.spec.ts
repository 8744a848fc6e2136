import { describe, expect, it } from '@jest/globals';
import { givenEpoch, givenOrganisation, inDays, type TestEpoch } from '../support/network/founders.js';
import { givenSend, withOpening, type SendBody, type SendChange } from '../support/network/makers.js';
import { fromBase64url, newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { addDays } from '../../src/protocol/encoding/days.js';
import { defaultCharter, textHash } from '../../src/protocol/registry/charter.js';
import { boxKey, type SigningKey } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { digestOf, ROLE } from '../../src/protocol/envelope/envelope.js';
import { emptyRegistry, followRegistry, type Registry } from '../../src/protocol/registry/registry.js';
import type { ConsentGiven, HandoffReleased } from '../../src/protocol/schemas/statements.js';
import { readUnverified, sign } from '../../src/protocol/encoding/signed.js';
import {
  chainOf,
  verifySend,
  type SendContext,
  type VerifiedSend,
} from '../../src/server/referrals/sending/send.rules.js';
import type { SendDto } from '../../src/server/referrals/sending/send.dto.js';

const TODAY = '2026-11-10';
const october = { network: newId(), today: '2026-10-01' };
const november = { ...october, today: '2026-11-01' };
const log = `relais-${october.network}/consent`;
const ruelle = givenOrganisation(october, 'La Ruelle');
const clinique = givenOrganisation(october, 'Clinique');

/** The next epoch of a service, after its first, for November unless the change says otherwise. */
function nextEpoch(of: typeof ruelle, previous: TestEpoch = of.epoch, number = 1): TestEpoch {
  const change = { from: number === 1 ? november.today : '2026-11-05', until: '2026-11-30' };
  const { service, coordinator } = of;
  return givenEpoch(november, {
    organisation: of,
    service,
    coordinator,
    previous: previous.entry,
    number,
    change,
  });
}

const own = nextEpoch(ruelle);
const theirs = nextEpoch(clinique);
const founded = [ruelle, clinique].flatMap(({ entries, epoch }) => [
  entries.organisation,
  entries.coordinatorKey,
  epoch.entry,
]);
const empty = emptyRegistry({ network: october.network, roots: [ruelle.root.kid, clinique.root.kid] });
const registry = followRegistry(empty, [...founded, own.entry, theirs.entry]);
const charter = defaultCharter('Essai', []);
const context: SendContext = { log, registry, charter, today: TODAY };

function revoke(of: typeof ruelle, epoch: TestEpoch, before: Registry = registry): Registry {
  const { network } = october;
  const key = epoch.keys.sign.kid;
  const payload = { network, organisation: of.id, key, from: TODAY, reason: 'device-lost' };
  return followRegistry(before, [sign('revocation+jws', payload, of.coordinator)]);
}

const sideOf = ({ service }: typeof ruelle, { keys }: TestEpoch) => ({
  service: service.id,
  worker: { consentLog: log, epochOf: () => Promise.resolve(keys), today: () => Promise.resolve(TODAY) },
});

const given = (change: SendChange = {}) =>
  givenSend({ laRuelle: sideOf(ruelle, own), clinique: sideOf(clinique, theirs) }, change);

interface Settled {
  readonly at?: Partial<SendContext>;
  readonly after?: (body: SendBody) => object;
}

async function judge(change: SendChange = {}, { at = {}, after = (body) => body }: Settled = {}) {
  const { body } = await given(change);
  return verifySend(after(body) as SendDto, { ...context, ...at });
}

/** Code of the refusal, or check where what was sent is no such thing at all; undefined where it is taken. */
async function refusal(change: SendChange = {}, judged: Settled = {}): Promise<string | undefined> {
  try {
    await judge(change, judged);
    return undefined;
  } catch (error) {
    const { code, check } = error as { code?: string; check?: string };
    return code ?? check;
  }
}

/** The same send, its statements changed and signed anew. */
function signedAgain(body: SendBody, given: object, released: object, by: SigningKey): SendDto {
  const [first, second] = body.statements.map(({ jws }) => readUnverified(jws).payload) as [
    ConsentGiven,
    HandoffReleased,
  ];
  const givenText = sign('consent-statement+jws', { ...first, ...given }, by);
  const next = { ...second, prev: textHash(givenText), ...released };
  const statements = [givenText, sign('consent-statement+jws', next, by)].map(withOpening);
  return { ...body, statements } as SendDto;
}

/** An agreement of the day, signed by both. */
function agreementEntries(): string[] {
  const terms = {
    network: october.network,
    agreement: newId(),
    parties: [ruelle.id, clinique.id].sort(),
    routes: [{ from: ruelle.service.id, to: clinique.service.id }],
    purposes: ['health-care'],
    kind: 'referral',
    from: TODAY,
    until: TODAY,
    noticeDays: 0,
    textHash: random32(),
    language: 'fr',
  } as const;
  const payload = JSON.stringify(terms);
  return [ruelle, clinique].map(({ coordinator }) => sign('agreement+jws', payload, coordinator));
}

const random32 = () => toBase64url(randomBytes(32));
const day = (days: number) => inDays(TODAY, days);

describe('a send', () => {
  it('is taken as its statements say: who sends, who receives, which keys signed, what is for whom', async () => {
    const { body } = await given();
    const taken: VerifiedSend = verifySend(body as SendDto, context);
    expect(taken).toMatchObject({
      source: ruelle.service.id,
      target: clinique.service.id,
      signers: [own.keys.sign.kid],
      chain: { state: 'released' },
    });
    expect(toBase64url(taken.ctx)).toBe(body.ctx);
    expect(toBase64url(taken.body)).toBe(body.body);
    expect(taken.wraps.map(({ wrap }) => toBase64url(wrap))).toEqual(body.wraps);
    expect(taken.wraps.map(({ role }) => role)).toEqual([ROLE.receiver, ROLE.sender, ROLE.person]);
  });

  it.each<[SendChange, string | undefined]>([
    [{ given: { day: day(1) } }, 'statement_invalid'],
    [{ released: { day: day(1) } }, 'statement_invalid'],
    [{ given: { day: day(-7) } }, undefined],
    [{ given: { day: day(-8) } }, 'statement_invalid'],
    [{ given: { day: day(-30), sendUntil: TODAY }, released: { day: TODAY } }, undefined],
    [{ given: { day: day(-31), sendUntil: TODAY }, released: { day: TODAY } }, 'statement_invalid'],
    [{ given: { day: day(-5), sendUntil: day(-1) } }, 'consent_inactive'],
    [{ given: { day: day(-5), sendUntil: TODAY } }, undefined],
    [{ given: { sendUntil: day(30) } }, undefined],
    [{ given: { sendUntil: day(31) } }, 'consent_mismatch'],
    [{ given: { keepUntil: day(365) } }, undefined],
    [{ given: { keepUntil: day(366) } }, 'consent_mismatch'],
  ])('is held to the charter’s days, to the day (%o)', async (change, code) => {
    expect(await refusal(change)).toBe(code);
  });

  it('is for a purpose and under a notice that were voted', async () => {
    for (const change of [{ purpose: 'marketing' }, { notice: 'refer@2' }])
      expect(await refusal({ given: change })).toBe('consent_mismatch');
  });

  it('goes along an agreement of this day where the charter asks for one', async () => {
    const asking: Partial<SendContext> = { charter: { ...charter, reach: 'agreement' } };
    expect(await refusal({}, { at: asking })).toBe('agreement_required');
    const agreed = followRegistry(registry, agreementEntries());
    const judged = (change: Partial<SendContext>): Settled => ({
      at: { ...asking, registry: agreed, ...change },
    });
    expect(await refusal({}, judged({}))).toBeUndefined();
    expect(await refusal({ given: { purpose: 'legal-aid' } }, judged({}))).toBe('agreement_required');
    const transfer = { ...judged({}), after: (body: SendBody) => ({ ...body, kind: 'transfer' }) };
    expect(await refusal({}, transfer)).toBe('agreement_required');
    expect(await refusal({}, judged({ today: day(1) }))).toBe('agreement_required');
  });

  it.each<[string, SendChange]>([
    ['of another log', { given: { log: 'relais-elsewhere/consent' } }],
    ['whose release names other fields', { released: { fields: random32() } }],
    ['whose release does not follow', { released: { prev: random32() } }],
  ])('%s is refused', async (_, change) => {
    expect(await refusal(change)).toBe('statement_invalid');
  });

  it('is released, and for the referral that it says', async () => {
    const unreleased = (body: SendBody) => ({ ...body, statements: body.statements.slice(0, 1) });
    expect(await refusal({}, { after: unreleased })).toBe('statement_invalid');
    const another = (body: SendBody) => ({ ...body, referral: newId() });
    expect(await refusal({}, { after: another })).toBe('statement_invalid');
  });

  it('is not what a person sends without a service', async () => {
    const { body, person } = await given();
    const sent = signedAgain(body, { from: null }, {}, person.sign);
    expect(() => verifySend(sent, context)).toThrow(expect.objectContaining({ code: 'statement_invalid' }));
  });

  it('whose statements cannot be read at all for a fault of ours is not called the sender’s fault', () => {
    const broken = { ...registry, serviceKeys: undefined } as unknown as Registry;
    expect(() => chainOf(log, ['a.b.c'], registry)).toThrow(
      expect.objectContaining({ code: 'statement_invalid' }),
    );
    expect(() => chainOf(log, [founded[2] ?? ''], broken)).toThrow(TypeError);
  });
});

describe('the sender’s keys', () => {
  const second = nextEpoch(ruelle, own, 2);
  const both = followRegistry(registry, [second.entry]);
  const lateOctober = { day: day(-20), sendUntil: day(5) };

  it('may be another for the consent than for its release', async () => {
    const change = { given: lateOctober, released: { day: TODAY }, keys: { given: ruelle.epoch.keys } };
    expect((await judge(change)).signers).toEqual([ruelle.epoch.keys.sign.kid, own.keys.sign.kid]);
  });

  it('are for the release those of its day, the latest where there are two', async () => {
    expect(await refusal({ keys: { released: ruelle.epoch.keys } })).toBe('key_not_current');
    expect(await refusal({}, { at: { registry: both } })).toBe('key_not_current');
    const change = { keys: { released: second.keys } };
    expect(await refusal(change, { at: { registry: both } })).toBeUndefined();
  });

  it('are for the consent unrevoked, and had begun when it was released', async () => {
    const at = { registry: revoke(ruelle, ruelle.epoch) };
    expect(await refusal({ keys: { given: ruelle.epoch.keys } }, { at })).toBe('key_not_current');
    const before = { given: { day: day(-6) }, keys: { given: second.keys } };
    expect(await refusal(before, { at: { registry: both } })).toBe('key_not_current');
    const from = { given: { day: day(-5) }, keys: { given: second.keys, released: second.keys } };
    expect(await refusal(from, { at: { registry: both } })).toBeUndefined();
  });

  it('are there on that day at all', async () => {
    const revoked = revoke(ruelle, own);
    expect(await refusal({}, { at: { registry: revoked } })).toBe('key_not_current');
  });
});

describe('the receiver’s key', () => {
  const withoutNovember = followRegistry(empty, [...founded, own.entry]);
  const LAST = '2026-11-01';
  const late = (days: number, from: Registry = withoutNovember) => {
    const today = inDays(LAST, days);
    const sender = givenEpoch(
      { ...october, today },
      { organisation: ruelle, service: ruelle.service, coordinator: ruelle.coordinator, previous: own.entry },
    );
    const change = { given: { day: today, sendUntil: inDays(today, 14), keepUntil: inDays(today, 100) } };
    const keys = { given: sender.keys, released: sender.keys, to: clinique.epoch.keys };
    return refusal({ ...change, keys }, { at: { today, registry: followRegistry(from, [sender.entry]) } });
  };

  it('is today’s, not the one before', async () => {
    expect(await refusal({ keys: { to: clinique.epoch.keys } })).toBe('key_not_current');
  });

  it('may be its last for ninety days, where its coordinators are late', async () => {
    expect(await late(0)).toBeUndefined();
    expect(await late(1)).toBeUndefined();
    expect(await late(90)).toBeUndefined();
    expect(await late(91)).toBe('key_not_current');
  });

  it('is the last of them, never a revoked one, and none that has not begun', async () => {
    expect(await late(40, registry)).toBe('key_not_current');
    expect(await late(40, revoke(clinique, clinique.epoch, withoutNovember))).toBe('key_not_current');
    const early = { ...context, today: '2026-10-31' };
    const change = {
      given: { day: early.today },
      keys: { given: ruelle.epoch.keys, released: ruelle.epoch.keys },
    };
    expect(await refusal(change, { at: early })).toBe('key_not_current');
  });
});

describe('the envelope', () => {
  const stranger = { role: ROLE.person, publicKey: boxKey(randomBytes(32)).publicKey };

  it.each<[string, SendChange]>([
    ['another digest', { released: { digest: random32() } }],
    ['another referral', { envelopeOf: { referral: newId() } }],
    ['another consent', { envelopeOf: { consent: randomBytes(32) } }],
    ['another kind', { envelopeOf: { kind: 2 } }],
    ['no entry for the person', { recipients: (usual) => usual.slice(0, 2) }],
    ['an entry for somebody else', { recipients: (usual) => [...usual.slice(0, 2), stranger] }],
    ['an entry too many', { recipients: (usual) => [...usual, stranger] }],
    [
      'roles changed over',
      { recipients: ([a, b, c]) => [{ ...a, role: ROLE.sender }, { ...b, role: ROLE.receiver }, c] as never },
    ],
  ])('with %s is not the one that was consented to', async (_, change) => {
    expect(await refusal(change)).toBe('consent_mismatch');
  });

  it.each<[string, string, (body: SendBody) => object]>([
    ['a wrap less', 'consent_mismatch', (body) => ({ ...body, wraps: body.wraps.slice(1) })],
    ['a wrap more', 'consent_mismatch', (body) => ({ ...body, wraps: [...body.wraps, body.wraps[0]] })],
    ['wraps changed over', 'consent_mismatch', (body) => ({ ...body, wraps: [...body.wraps].reverse() })],
    ['a shorter body', 'consent_mismatch', (body) => ({ ...body, body: body.body.slice(0, -4) })],
    ['a context that is none', 'ctx-form', (body) => ({ ...body, ctx: body.ctx.slice(0, -3) })],
    [
      'a key to read with that is none',
      'key',
      (body) => ({ ...body, person: { ...body.person, read: toBase64url(new Uint8Array(32)) } }),
    ],
    [
      'another box of the person',
      'consent_mismatch',
      (body) => ({ ...body, person: { ...body.person, box: toBase64url(stranger.publicKey) } }),
    ],
  ])('with %s is refused (%s)', async (_, code, after) => {
    expect(await refusal({}, { after })).toBe(code);
  });

  it('has a length that says nothing, even where the sender has signed another', async () => {
    const { body } = await given();
    const short = randomBytes(4000);
    const wraps = body.wraps.map((wrap) => sha256(fromBase64url(wrap)));
    const digest = toBase64url(digestOf(sha256(fromBase64url(body.ctx)), short, wraps));
    const sent = signedAgain({ ...body, body: toBase64url(short) }, {}, { digest }, own.keys.sign);
    expect(() => verifySend(sent, context)).toThrow(expect.objectContaining({ code: 'consent_mismatch' }));
  });
});

describe('days', () => {
  it('are counted over the ends of months and years', () => {
    expect([addDays('2026-12-31', 1), addDays('2028-03-01', -1), addDays(TODAY, 0)]).toEqual([
      '2027-01-01',
      '2028-02-29',
      TODAY,
    ]);
  });
});
