import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProofs, listReferrals, maintainKeys } from '../../src/client/index.js';
import { monthOf } from '../../src/client/device/days.js';
import type { EpochKeys } from '../../src/protocol/crypto/keys.js';
import { newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { ROLE } from '../../src/protocol/envelope/envelope.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { inDays } from '../support/network/founders.js';
import {
  givenSend,
  outcomesOf,
  post,
  postSend,
  storedOf,
  type SendBody,
  type SendChange,
} from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const random32 = () => toBase64url(randomBytes(32));

describe('POST /v1/referrals', () => {
  let server: FoundedServer;
  let today: string;

  beforeAll(async () => {
    server = await givenNetwork();
    today = await server.network.laRuelle.worker.today();
  });
  afterAll(() => server.stop());

  const sender = () => server.network.laRuelle.worker;

  async function codeOfSend(change: SendChange, after: (body: SendBody) => object = (body) => body) {
    const { body } = await givenSend(server.network, change);
    const { refused } = await outcomesOf([postSend(sender(), after(body))]);
    const { handoffs, statements } = await storedOf(server, body.referral);
    if (refused.length > 0) expect({ handoffs, statements }).toEqual({ handoffs: 0, statements: 0 });
    return refused[0];
  }

  it('stores all of a send at once, and logs both statements', async () => {
    const { body } = await givenSend(server.network);
    const answer = await postSend(sender(), body);
    expect(answer).toMatchObject({ referral: body.referral, status: 'requested', priority: 'routine' });
    expect(await storedOf(server, body.referral)).toEqual({ handoffs: 1, wraps: 3, statements: 2 });
    const proven = await fetchProofs(sender(), body.referral);
    expect(proven.map(({ jws }) => jws)).toEqual(body.statements.map(({ jws }) => jws));
  });

  it('keeps no minute: what it stores of the time is the hour', async () => {
    const { body } = await givenSend(server.network);
    const { sentAt, respondBy } = await postSend(sender(), body);
    for (const instant of [sentAt, respondBy]) expect(instant).toMatch(/T\d\d:00:00Z$/);
  });

  it('gives the same answer to the same request, and refuses another under its key', async () => {
    const { body } = await givenSend(server.network);
    const key = newId();
    const first = await postSend(sender(), body, key);
    expect(JSON.stringify(await postSend(sender(), body, key))).toBe(JSON.stringify(first));
    const other = { ...body, priority: 'stat' };
    await expect(postSend(sender(), other, key)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    const noKey = sender().session.json({ method: 'POST', path: '/v1/referrals', body });
    await expect(noKey).rejects.toMatchObject({ code: 'idempotency_missing' });
  });

  it('takes a consent once, however many try at the same time', async () => {
    for (let round = 0; round < 3; round++) {
      const { body } = await givenSend(server.network);
      const { taken, refused } = await outcomesOf(Array.from({ length: 6 }, () => postSend(sender(), body)));
      expect({ taken, refused: new Set(refused) }).toEqual({ taken: 1, refused: new Set(['consent_used']) });
    }
  });

  it('takes no consent twice under two referrals, nor after the first has closed', async () => {
    const { body, given } = await givenSend(server.network);
    await postSend(sender(), body);
    const again = { given: { consent: given.consent } };
    expect(await codeOfSend(again)).toBe('consent_used');
    const recall = { event: 'recall', statusReason: 'sent-by-mistake' };
    await post(sender(), `/v1/referrals/${body.referral}/transitions`, recall);
    expect(await codeOfSend(again)).toBe('consent_used');
    const sameReferral = await givenSend(server.network, { given: { referral: body.referral } });
    await expect(postSend(sender(), sameReferral.body)).rejects.toMatchObject({ code: 'consent_used' });
  });

  it('takes a code once: a second referral under it would be found by the same paper', async () => {
    const first = await givenSend(server.network);
    await postSend(sender(), first.body);
    await post(sender(), `/v1/referrals/${first.body.referral}/transitions`, {
      event: 'recall',
      statusReason: 'sent-by-mistake',
    });
    const { person } = first.given;
    expect(await codeOfSend({ given: { person } })).toBe('consent_used');
  });

  it('is refused to a device of another organisation, as if it were not there', async () => {
    const { body } = await givenSend(server.network);
    await expect(postSend(server.network.clinique.worker, body)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each<[string, string, SendChange]>([
    ['a purpose that nobody voted', 'consent_mismatch', { given: { purpose: 'marketing' } }],
    ['a notice that nobody voted', 'consent_mismatch', { given: { notice: 'refer@9' } }],
    ['another log', 'statement_invalid', { given: { log: 'relais-elsewhere/consent' } }],
    ['fields that the release does not name', 'statement_invalid', { released: { fields: random32() } }],
    ['a release of another consent', 'statement_invalid', { released: { consent: newId() } }],
    ['a release that does not follow', 'statement_invalid', { released: { prev: random32() } }],
    ['a key of nobody', 'statement_invalid', { released: { toKey: random32() } }],
    ['another digest', 'consent_mismatch', { released: { digest: random32() } }],
    ['an envelope of another referral', 'consent_mismatch', { envelopeOf: { referral: newId() } }],
    ['an envelope of another consent', 'consent_mismatch', { envelopeOf: { consent: randomBytes(32) } }],
    ['an envelope that is a message', 'consent_mismatch', { envelopeOf: { kind: 2 } }],
    ['no wrap for the person', 'consent_mismatch', { recipients: (usual) => usual.slice(0, 2) }],
    [
      'a wrap for somebody else',
      'consent_mismatch',
      {
        recipients: ([a, b]) =>
          [a, b, { role: ROLE.person, publicKey: boxKey(randomBytes(32)).publicKey }] as never,
      },
    ],
  ])('refuses %s (%s)', async (_, code, change) => {
    expect(await codeOfSend(change)).toBe(code);
  });

  it('holds the dates of a consent to its charter', async () => {
    const from = (days: number) => inDays(today, days);
    const cases: [string, SendChange][] = [
      ['statement_invalid', { given: { day: from(1) } }],
      ['statement_invalid', { given: { day: from(-8), sendUntil: from(5) } }],
      ['statement_invalid', { given: { day: from(-31) }, released: { day: today } }],
      ['consent_inactive', { given: { day: from(-5), sendUntil: from(-1) } }],
      ['consent_mismatch', { given: { sendUntil: from(31) } }],
      ['consent_mismatch', { given: { keepUntil: from(366) } }],
    ];
    for (const [code, change] of cases) expect(await codeOfSend(change)).toBe(code);
    const draft = { given: { day: from(-20), sendUntil: from(0) }, released: { day: today } };
    expect(await codeOfSend(draft)).toBeUndefined();
  });

  it.each<[string, string, (body: SendBody) => object]>([
    ['a member that it does not know', 'input_invalid', (body) => ({ ...body, name: 'Sam' })],
    ['a body that is in no bucket', 'input_invalid', (body) => ({ ...body, body: body.body.slice(0, -4) })],
    ['a wrap less', 'consent_mismatch', (body) => ({ ...body, wraps: body.wraps.slice(1) })],
    [
      'a short opening',
      'input_invalid',
      (body) => ({ ...body, statements: body.statements.map(({ jws }) => ({ jws, opening: 'AAAA' })) }),
    ],
    ['one statement', 'input_invalid', (body) => ({ ...body, statements: body.statements.slice(0, 1) })],
    [
      'two consents',
      'statement_invalid',
      (body) => ({ ...body, statements: [body.statements[0], body.statements[0]] }),
    ],
    [
      'a person’s key that is no key',
      'input_invalid',
      (body) => ({ ...body, person: { ...body.person, read: toBase64url(new Uint8Array(32)) } }),
    ],
    [
      'another key of the person',
      'consent_mismatch',
      (body) => ({
        ...body,
        person: { ...body.person, box: toBase64url(boxKey(randomBytes(32)).publicKey) },
      }),
    ],
    ['another referral’s id', 'statement_invalid', (body) => ({ ...body, referral: newId() })],
  ])('refuses %s (%s)', async (_, code, after) => {
    expect(await codeOfSend({}, after)).toBe(code);
  });

  it('refuses a service that takes no referrals, and sends again once it does', async () => {
    const { coordinator, service } = server.network.clinique;
    const path = `/v1/services/${service}/status`;
    await post(coordinator, path, { status: 'closed' });
    expect(await codeOfSend({})).toBe('service_closed');
    await post(coordinator, path, { status: 'open' });
    expect(await codeOfSend({})).toBeUndefined();
  });

  it('refuses a receiver whose organisation is suspended', async () => {
    const { id } = server.network.clinique.founder.public;
    await asOwner(server.urls, `UPDATE organisation SET status = 'suspended' WHERE id = '${id}'`);
    expect(await codeOfSend({})).toBe('service_closed');
    await asOwner(server.urls, `UPDATE organisation SET status = 'active' WHERE id = '${id}'`);
  });

  it('pages through a box without missing or repeating anything', async () => {
    const all = (await listReferrals(sender(), 'outbox')).map(({ referral }) => referral);
    const paged: string[] = [];
    let after: string | undefined;
    do {
      const query = { box: 'outbox', limit: '2', after };
      const page = await sender().session.json<{ items: { referral: string }[]; next?: string }>({
        method: 'GET',
        path: '/v1/referrals',
        query,
      });
      paged.push(...page.items.map(({ referral }) => referral));
      after = page.next;
    } while (after !== undefined);
    expect(paged).toEqual(all);
    expect(new Set(paged).size).toBe(paged.length);
    const foreign = { box: 'inbox', after: 'AAAA' };
    const call = sender().session.json({ method: 'GET', path: '/v1/referrals', query: foreign });
    await expect(call).rejects.toMatchObject({ code: 'input_invalid' });
  });

  describe('when the month has turned', () => {
    let turn: string;
    let own: EpochKeys[];
    let theirs: EpochKeys[];

    beforeAll(async () => {
      const { laRuelle, clinique } = server.network;
      turn = monthOf(today, 1).from;
      own = laRuelle.coordinator.epochKeysOf(laRuelle.service);
      theirs = clinique.coordinator.epochKeysOf(clinique.service);
      const days = (Date.parse(turn) - Date.parse(today)) / 86_400_000 + 2;
      await shiftClock(server.urls, `${days} days`);
      await maintainKeys(laRuelle.coordinator);
    });
    afterAll(() => shiftClock(server.urls, '0 days'));

    const turned = (
      given: EpochKeys | undefined,
      released: EpochKeys | undefined,
      to: EpochKeys | undefined,
    ) =>
      ({
        given: { day: inDays(turn, -1), sendUntil: inDays(turn, 10) },
        released: { day: inDays(turn, 1) },
        keys: { given, released, to },
      }) as SendChange;

    it('takes a consent that was given under the key of the month before', async () => {
      expect(await codeOfSend(turned(own[0], own[1], theirs[1]))).toBeUndefined();
    });

    it('refuses a release under a key that is no longer, or not yet, the service’s', async () => {
      expect(await codeOfSend(turned(own[0], own[0], theirs[1]))).toBe('key_not_current');
      expect(await codeOfSend(turned(own[0], own[2], theirs[1]))).toBe('key_not_current');
    });

    it('takes what was sealed before it turned, to the key of that day and to no other', async () => {
      const before = (to: EpochKeys | undefined): SendChange => ({
        ...turned(own[0], own[0], to),
        released: { day: inDays(turn, -1) },
      });
      expect(await codeOfSend(before(theirs[0]))).toBeUndefined();
      expect(await codeOfSend(before(theirs[1]))).toBeUndefined();
      expect(await codeOfSend(before(theirs[2]))).toBe('key_not_current');
    });

    it('refuses what is sealed to a key that is no longer, or not yet, the receiver’s', async () => {
      expect(await codeOfSend(turned(own[0], own[1], theirs[0]))).toBe('key_not_current');
      expect(await codeOfSend(turned(own[0], own[1], theirs[2]))).toBe('key_not_current');
    });
  });
});
