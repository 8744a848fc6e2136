import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  Device,
  fetchProofs,
  findService,
  getReferral,
  maintainKeys,
  openReferral,
  recordConsent,
  sealReferral,
  sendReferral,
  withdrawOnRequest,
} from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { fromBase64url, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { parseContext, ROLE } from '../../src/protocol/envelope/envelope.js';
import type { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import { deceived, tellingDay, watched, type Change } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** What `relais/client` refuses, whatever the server says. */
describe('the client believes the server nothing that it can check', () => {
  let server: FoundedServer;
  let referral: string;

  beforeAll(async () => {
    server = await givenNetwork();
    ({ referral } = await referSomebody(server.network, { calledName: 'Sam' }));
    await acknowledge(server.network.clinique.worker, referral);
  });
  afterAll(() => server.stop());

  it('refuses a key that the registry does not show as current', async () => {
    const { laRuelle, clinique } = server.network;
    const truth = await laRuelle.worker.session.json<{ serviceKey: string }>({
      method: 'GET',
      path: `/v1/services/${laRuelle.service}`,
    });
    const device = await deceived(laRuelle.worker.state, (body, path) => {
      if (path === `/v1/services/${clinique.service}`) body['serviceKey'] = truth.serviceKey;
    });
    await expect(findService(device, clinique.service)).rejects.toMatchObject({ name: 'Refused' });
    const old = await deceived(laRuelle.worker.state, (body, path) => {
      if (path === `/v1/services/${clinique.service}`) body['id'] = laRuelle.service;
    });
    await expect(findService(old, clinique.service)).rejects.toMatchObject({ check: 'key-not-current' });
  });

  it('refuses a handoff without its provisional proof', async () => {
    for (const spoil of [withoutProof, withProofOfAnother]) {
      const device = await deceived(server.network.clinique.worker.state, (body, path) => {
        if (path.endsWith('/proofs')) body['statements'] = spoil(body['statements'] as Proven[]);
      });
      await expect(openReferral(device, referral)).rejects.toMatchObject({ check: 'proof' });
    }
  });

  it('acknowledges nothing without its provisional proof: neither signs nor sends', async () => {
    const sent = await referSomebody(server.network, { calledName: 'Noor' });
    for (const spoil of [withoutProof, withProofOfAnother]) {
      const { device, posted } = await watched(server.network.clinique.worker.state, (body, path) => {
        if (path.endsWith('/proofs')) body['statements'] = spoil(body['statements'] as Proven[]);
      });
      await expect(acknowledge(device, sent.referral)).rejects.toMatchObject({ check: 'proof' });
      expect(posted).toEqual([]);
    }
    expect((await acknowledge(server.network.clinique.worker, sent.referral)).status).toBe('received');
  });

  it.each([
    ['open', openReferral],
    ['acknowledge', acknowledge],
    ['withdraw', withdrawOnRequest],
  ] as const)('asked to %s one referral, does nothing to another', async (_, act) => {
    const { worker } = server.network.clinique;
    const { referral: other } = await referSomebody(server.network, { calledName: 'Boris' });
    const truth = {
      proofs: await answerOf(worker, other, 'proofs'),
      itself: await getReferral(worker, other),
    };
    const lies: Change[] = [
      (body, path) => path === `/v1/referrals/${referral}/proofs` && Object.assign(body, truth.proofs),
      (body, path) => {
        if (path === `/v1/referrals/${referral}`) Object.assign(body, truth.itself);
        if (path === `/v1/referrals/${referral}/proofs`) Object.assign(body, truth.proofs);
      },
      (body, path) => path === `/v1/referrals/${referral}` && (body['source'] = body['target']),
      (body, path) => path === `/v1/referrals/${referral}` && (body['target'] = body['source']),
    ];
    for (const lie of lies) {
      const { device, posted } = await watched(worker.state, lie);
      await expect(act(device, referral)).rejects.toMatchObject({ check: 'referral' });
      expect(posted).toEqual([]);
    }
  });

  it('acknowledges nothing that was sent to another service', async () => {
    const { device, posted } = await watched(server.network.laRuelle.worker.state);
    await expect(acknowledge(device, referral)).rejects.toMatchObject({ check: 'referral' });
    expect(posted).toEqual([]);
  });

  it('seals to the key of the registry, whatever key it is handed', async () => {
    const { laRuelle, clinique } = server.network;
    const { worker } = laRuelle;
    const found = await findService(worker, clinique.service);
    const { key: foreign } = await findService(worker, laRuelle.service);
    const consent = recordConsent(await worker.charter(), await worker.today(), {
      purpose: 'health-care',
      fields: ['calledName'],
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const to = { ...found, key: foreign };
    const send = { from: laRuelle.service, to, consent, record: { calledName: 'Sam' } };
    const { sealed } = await sealReferral(worker, { ...send, priority: 'routine' });
    const { recipients } = parseContext(fromBase64url(String(sealed.body['ctx'])));
    const receiver = recipients.find(({ role }) => role === ROLE.receiver);
    expect(toBase64url(receiver?.keyId ?? new Uint8Array(0))).toBe(found.key.boxId);
  });

  it('refuses a handoff of which anything was changed, and shows none of it', async () => {
    for (const member of ['ctx', 'wrap', 'body'] as const) {
      const device = await deceived(server.network.clinique.worker.state, (body, path) => {
        if (path.endsWith('/handoff')) body[member] = flipped(String(body[member]));
      });
      await expect(openReferral(device, referral)).rejects.toMatchObject({ name: 'Refused' });
    }
  });

  it('refuses a charter that the registry does not show', async () => {
    const device = await deceived(server.network.laRuelle.worker.state, (body, path) => {
      if (path === '/v1/charter') body['text'] = String(body['text']).replace('health-care', 'surveillance');
    });
    await expect(device.charter()).rejects.toMatchObject({ check: 'charter' });
  });

  it('refuses a registry that went back', async () => {
    const { worker, coordinator, service } = server.network.laRuelle;
    const path = `/log/registry/${(await worker.today()).slice(0, 4)}/cosignatures`;
    const before = await worker.transport.bytes(path);
    await maintainKeys(await Device.start(coordinator.state, { fetch: tellingDay(62) }));
    const { entries } = await worker.registry();
    expect(entries.length).toBeGreaterThan(coordinator.state.network.registry.entries.length);
    const goesBack: typeof fetch = async (input, init) =>
      input instanceof URL && input.pathname === path
        ? new Response(Buffer.from(before ?? []))
        : fetch(input, init);
    const told = await Device.start(worker.state, { fetch: goesBack });
    await expect(told.registry()).rejects.toMatchObject({ check: 'rollback' });
    await expect(told.epochOf(service)).rejects.toMatchObject({ check: 'rollback' });
  });

  it('passes on no field that the person did not agree to, and none that no handoff may carry', async () => {
    const { laRuelle, clinique } = server.network;
    const { worker } = laRuelle;
    const to = await findService(worker, clinique.service);
    const consent = recordConsent(await worker.charter(), await worker.today(), {
      purpose: 'health-care',
      fields: ['calledName', 'nationality'],
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    });
    const send = { from: laRuelle.service, to, consent, priority: 'routine' as const };
    const unasked = { ...send, record: { calledName: 'Sam', reason: 'Not agreed to.' } };
    await expect(sealReferral(worker, unasked)).rejects.toMatchObject({ check: 'record-members' });
    const forbidden = { ...send, record: { nationality: 'x' } as HandoffRecord };
    await expect(sealReferral(worker, forbidden)).rejects.toMatchObject({ check: 'refused-field' });
  });

  it('records no consent for a purpose or in a language that nobody voted', async () => {
    const { worker } = server.network.laRuelle;
    const charter = await worker.charter();
    const decision = {
      purpose: 'health-care',
      fields: ['calledName'],
      language: 'fr',
      modality: 'spoken',
      representation: 'none',
      alternativesOffered: [],
      teachBack: true,
    } as const;
    const today = await worker.today();
    expect(recordConsent(charter, today, decision).teachBack).toBe(true);
    expect(() => recordConsent(charter, today, { ...decision, purpose: 'surveillance' })).toThrow();
    expect(() => recordConsent(charter, today, { ...decision, language: 'xx' })).toThrow();
  });

  it('is sent for another service’s purpose by nobody: the server asks again', async () => {
    const { laRuelle, clinique } = server.network;
    const { sealed } = await sealReferral(laRuelle.worker, {
      from: laRuelle.service,
      to: await findService(laRuelle.worker, clinique.service),
      consent: recordConsent(await laRuelle.worker.charter(), await laRuelle.worker.today(), {
        purpose: 'legal-aid',
        fields: ['calledName'],
        language: 'en',
        modality: 'spoken',
        representation: 'none',
        alternativesOffered: [],
        teachBack: true,
      }),
      record: { calledName: 'Sam' },
      priority: 'routine',
    });
    await expect(sendReferral(clinique.worker, sealed)).rejects.toMatchObject({ code: 'not_found' });
  });
});

async function answerOf(device: Device, referral: string, what: string): Promise<object> {
  await fetchProofs(device, referral);
  return device.session.json({ method: 'GET', path: `/v1/referrals/${referral}/${what}` });
}

interface Proven {
  readonly jws: string;
  readonly proof: string;
}

function withoutProof(statements: readonly Proven[]): Proven[] {
  return statements.map(({ jws }) => ({ jws, proof: '' }));
}

function withProofOfAnother(statements: readonly Proven[]): Proven[] {
  return statements.map(({ jws }, i) => ({
    jws,
    proof: statements[(i + 1) % statements.length]?.proof ?? '',
  }));
}

function flipped(text: string): string {
  const at = Math.floor(text.length / 2);
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
