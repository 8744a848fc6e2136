import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerAudits, fetchFinalProofs, type Device } from '../../src/client/index.js';
import { newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { openAuditAnswer } from '../../src/protocol/envelope/open-audit-answer.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { sealAuditAnswer } from '../../src/protocol/envelope/seal-audit-answer.js';
import { NOTHING, sizeOf } from '../support/log/audits.js';
import { asOwner, until } from '../support/machines/database.js';
import { dumpValues } from '../support/machines/dump.js';
import { givenMessage } from '../support/network/content.js';
import { givenReferral, givenSend, postSend } from '../support/network/makers.js';
import { insertDevice } from '../support/network/principals.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { THIS_YEAR } from '../support/log/this-year.js';

/** Only holders open, and only to an auditor whom the charter appoints. */
describe('a sample of the consent log', () => {
  let server: FoundedServer;
  let first: Awaited<ReturnType<typeof insertDevice>>;
  let other: Awaited<ReturnType<typeof insertDevice>>;
  let audit: string;

  beforeAll(async () => {
    server = await givenNetwork(undefined, ([one = '']) => ({ auditors: [one] }));
    const { laRuelle } = server.network;
    const { referral } = await givenReferral(server, 'received');
    await until(async () => (await fetchFinalProofs(laRuelle.worker, referral)) !== undefined);
    const of = { organisation: laRuelle.founder.public.id, services: [], role: 'auditor' as const };
    // put into the database by whoever runs the machine: no coordinator has certified them
    [first, other] = [await insertDevice(server, of), await insertDevice(server, of)];
    const size = await sizeOf(server);
    const challenge = {
      year: THIS_YEAR,
      nonce: toBase64url(new Uint8Array(32)),
      size,
      count: 299,
    };
    const { text } = await ask(first, 'POST', '/v1/audits', challenge);
    audit = (JSON.parse(text) as { audit: string }).audit;
  });
  afterAll(() => server.stop());

  const ask = (by: typeof first, method: string, path: string, body?: object) =>
    by.caller.send({
      method,
      path,
      headers: { 'idempotency-key': newId() },
      ...(body && { body: JSON.stringify(body) }),
    });

  const questionsOf = async (device: Device, service: string) =>
    (
      await device.session.json<{ items: { audit: string; index: number }[] }>({
        method: 'GET',
        path: '/v1/audits/questions',
        query: { service },
      })
    ).items;

  it('is answered to nobody who has no certificate of an appointed organisation, whatever the server says', async () => {
    const { laRuelle, clinique } = server.network;
    expect((await questionsOf(laRuelle.worker, laRuelle.service)).length).toBe(3);
    for (const { worker } of [laRuelle, clinique])
      expect(await answerAudits(worker)).toMatchObject({ answered: 0 });
    expect((await ask(first, 'GET', `/v1/audits/${audit}/answers`)).text).toBe('{"items":[]}');
  });

  it('is another auditor’s affair', async () => {
    for (const path of [`/v1/audits/${audit}`, `/v1/audits/${audit}/answers`])
      expect((await ask(other, 'GET', path)).status).toBe(404);
  });

  it('is asked of the services of the case, and of nobody else', async () => {
    const { laRuelle, clinique } = server.network;
    expect(await questionsOf(laRuelle.worker, clinique.service)).toEqual([]);
    const { audit: id, index } = (await questionsOf(clinique.worker, clinique.service))[0] ?? {
      audit: '',
      index: 0,
    };
    const sealed = sealedTo(first.box.publicKey);
    const answers = [
      { audit: id, index, service: clinique.service },
      { audit: id, index: 4_000_000, service: laRuelle.service },
      { audit: newId(), index, service: laRuelle.service },
    ];
    for (const answer of answers) {
      const call = {
        method: 'POST',
        path: '/v1/audits/answers',
        idempotencyKey: newId(),
        body: { ...answer, ...sealed },
      } as const;
      await expect(laRuelle.worker.session.send(call)).rejects.toMatchObject({ status: 404 });
    }
  });

  const sealedTo = (box: Uint8Array) => {
    const { ctx, wraps, body } = sealAuditAnswer(NOTHING, box);
    return {
      ctx: toBase64url(ctx),
      wrap: toBase64url(wraps[0] ?? new Uint8Array(0)),
      body: toBase64url(body),
    };
  };

  it('takes an answer that is sealed to that auditor alone, and names no case', async () => {
    const { laRuelle } = server.network;
    const { index } = (await questionsOf(laRuelle.worker, laRuelle.service))[0] ?? { index: 0 };
    const sent = await givenSend(server.network);
    await postSend(laRuelle.worker, sent.body);
    const { ctx, wraps, body } = await givenMessage(server.network, sent);
    const post = (sealed: object) =>
      laRuelle.worker.session.send({
        method: 'POST',
        path: '/v1/audits/answers',
        idempotencyKey: newId(),
        body: { audit, index, service: laRuelle.service, ...sealed },
      });
    await expect(post(sealedTo(other.box.publicKey))).rejects.toMatchObject({ code: 'consent_mismatch' });
    await expect(post({ ctx, wrap: wraps[0], body })).rejects.toMatchObject({ status: 400 });
    expect((await post(sealedTo(first.box.publicKey))).status).toBe(200);
    const kept = await asOwner(
      server.urls,
      `SELECT md5(body) AS body FROM audit_sample WHERE body IS NOT NULL`,
    );
    expect((await post(sealedTo(first.box.publicKey))).status).toBe(200);
    expect(
      await asOwner(server.urls, `SELECT md5(body) AS body FROM audit_sample WHERE body IS NOT NULL`),
    ).toEqual(kept);
  });

  it('is told which leaves are pads, and no opening of a statement: none lies with what auditors may read', async () => {
    const { text } = await ask(first, 'GET', `/v1/audits/${audit}`);
    const { samples } = JSON.parse(text) as { samples: { kind: string; opening?: string }[] };
    expect(samples.filter(({ kind }) => kind === 'held')).toHaveLength(3);
    for (const { kind, opening } of samples) expect(opening !== undefined).toBe(kind === 'pad');
    const values = await dumpValues(server.urls);
    const openings = values.filter(
      ({ table, column }) => table.startsWith('statement') && column === 'opening',
    );
    expect(openings.length).toBeGreaterThan(2);
    for (const { value } of openings)
      expect(text).not.toContain(toBase64url(new Uint8Array(Buffer.from(value.slice(2), 'hex'))));
  });

  it('has at most twenty challenges of one auditor that run', async () => {
    const { laRuelle } = server.network;
    const size = await sizeOf(server);
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) {
      const challenge = {
        year: THIS_YEAR,
        nonce: toBase64url(new Uint8Array(32).fill(i)),
        size,
        count: 1,
      };
      statuses.push((await ask(other, 'POST', '/v1/audits', challenge)).status);
    }
    expect(statuses).toEqual([...Array<number>(20).fill(201), 409]);
    expect((await questionsOf(laRuelle.worker, laRuelle.service)).length).toBeLessThanOrEqual(50);
  });
});

describe('an answer', () => {
  it('is opened by that auditor’s device, and is of its form', () => {
    const own = boxKey(new Uint8Array(32).fill(1));
    const stranger = boxKey(new Uint8Array(32).fill(2));
    const { ctx, wraps, body } = sealAuditAnswer(NOTHING, own.publicKey);
    const [wrap = new Uint8Array(0)] = wraps;
    expect(openAuditAnswer({ ctx, wrap, body }, own)).toEqual(NOTHING);
    expect(() => openAuditAnswer({ ctx, wrap, body }, stranger)).toThrow('ctx-recipients');
  });
});
