import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerAudits,
  certifyRequests,
  coordinatorTasks,
  Device,
  exportOrganisation,
  invite,
  Joining,
  listFeedback,
  maintainKeys,
  rememberPaperCode,
  reportErasures,
} from '../../src/client/index.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { boxKeyId } from '../../src/protocol/crypto/keys.js';
import { deriveInvitation, requireCode } from '../../src/protocol/encoding/codes.js';
import { sealFeedback } from '../../src/protocol/envelope/seal-feedback.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { until } from '../support/machines/database.js';
import { freshKey } from '../support/network/founders.js';
import { deceived, lying, tellingDay } from '../support/machines/liar.js';
import { givenReferral, requestBy } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** Whoever has made one entry of a list, whatever it is, neither stops nor hides the others, and is told. */
describe('one broken entry', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const restarted = (device: Device): Promise<Device> => Device.start(device.state);

  it('among those who ask to be certified: in a role that the charter gives nobody, it is refused at the invitation', async () => {
    const { coordinator, service } = server.network.clinique;
    for (const role of ['auditor', 'observer'] as const)
      await expect(invite(coordinator, { role, services: [] })).rejects.toMatchObject({ check: 'role' });
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    await Joining.ask(server.address, code);
    expect(await certifyRequests(coordinator)).toMatchObject({ done: [expect.any(String)], refused: [] });
  });

  it('is refused at the invitation by the server as well, whatever a client thinks', async () => {
    const { coordinator } = server.network.clinique;
    const { keys } = coordinator;
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const body = { key: toBase64url(keys.sign.publicKey), role: 'auditor', services: [], expires };
    const call = { method: 'POST', path: '/v1/invitations', idempotencyKey: 'auditor' } as const;
    const welcome = toBase64url(new Uint8Array(40));
    await expect(coordinator.session.send({ ...call, body: { ...body, welcome } })).rejects.toMatchObject({
      code: 'statement_invalid',
    });
  });

  it('among those who ask to be certified: its key is not the code’s', async () => {
    const coordinator = await restarted(server.network.clinique.coordinator);
    const { service } = server.network.clinique;
    const codes: string[] = [];
    for (let i = 0; i < 3; i++)
      codes.push(await invite(coordinator, { role: 'worker', services: [service] }));
    const joined = await Promise.all(codes.map((code) => Joining.ask(server.address, code)));
    const [bad] = coordinator.invitations;
    const { request } = requestBy(freshKey(), coordinator.network);
    const device = await deceived(coordinator.state, (body, path) => {
      if (path !== '/v1/invitations') return;
      for (const item of body['items'] as { key: string; request: string }[])
        if (item.key === bad?.key) item.request = request;
    });
    const { done, refused } = await certifyRequests(device);
    expect(done).toHaveLength(2);
    expect(refused).toEqual([{ item: bad, check: 'kid' }]);
    const states = await Promise.all(joined.map((each) => each.finish()));
    expect(states.filter((state) => state !== undefined)).toHaveLength(2);
    // the refused one still waits, and is told again
    expect(device.invitations).toEqual([bad]);
  });

  it('among those who ask to be certified: a key that nobody could seal to is taken in by nobody', async () => {
    const { coordinator, service } = server.network.clinique;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const { sign: codeKey } = deriveInvitation(requireCode(code));
    const box = new Uint8Array(1216).fill(255);
    const { keys } = requestBy(codeKey, coordinator.network);
    const request = sign(
      'device-request+jws',
      {
        network: coordinator.network,
        auth: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(keys.auth.publicKey) },
        key: toBase64url(keys.sign.publicKey),
        box: toBase64url(box),
        boxId: toBase64url(boxKeyId(box)),
      },
      codeKey,
    );
    const device = await deceived(coordinator.state, (body, path) => {
      if (path !== '/v1/invitations') return;
      for (const item of body['items'] as Record<string, unknown>[])
        if (item['key'] === toBase64url(codeKey.publicKey))
          Object.assign(item, { state: 'requested', request });
    });
    expect((await certifyRequests(device)).refused).toMatchObject([{ check: 'statement_invalid' }]);
  });

  it('among the colleagues’ devices: the others get their keys, and the coordinator a task', async () => {
    const { coordinator } = server.network.clinique;
    const device = await deceived(coordinator.state, (body, path) => {
      if (path !== '/v1/devices') return;
      const items = body['items'] as object[];
      body['items'] = [{ ...items[0], certificate: 'nonsense' }, ...items];
    });
    expect(await maintainKeys(device)).toEqual([{ what: 'device', item: 'nonsense', check: 'certificate' }]);
    expect(await coordinatorTasks(device)).toContainEqual(
      expect.objectContaining({ kind: 'device-refused', check: 'certificate' }),
    );
  });

  it('among the services that need keys: the other devices are seen to all the same', async () => {
    const { coordinator, service } = server.network.laRuelle;
    const services = ['00000000-0000-0000-0000-000000000000', service];
    const later = tellingDay(65);
    const device = await Device.start(
      { ...coordinator.state, services },
      {
        fetch: (input, init) =>
          input instanceof URL && input.pathname === '/v1/registry/entries'
            ? Promise.resolve(Response.json({ type: '/problems/statement_invalid' }, { status: 422 }))
            : later(input, init),
      },
    );
    expect(await maintainKeys(device)).toEqual([
      { what: 'service', item: service, check: 'statement_invalid' },
    ]);
  });

  it('among grants: the others open, and it is told', async () => {
    const { worker, service } = server.network.clinique;
    const device = await Device.start(
      { ...worker.state, epochs: [] },
      {
        fetch: lying((body, path) => {
          if (path === '/v1/grants') body['items'] = ['nonsense', ...(body['items'] as string[])];
        }),
      },
    );
    expect(await device.takeGrants()).toEqual([{ item: 'nonsense', check: 'form' }]);
    expect((await device.epochOf(service)).box.id).toBeDefined();
  });

  it('among the lists that a coordinator’s tasks are made of: the others are shown', async () => {
    const { coordinator } = server.network.laRuelle;
    const later = tellingDay(700);
    const device = await Device.start(coordinator.state, {
      fetch: (input, init) =>
        input instanceof URL && input.pathname === '/v1/devices'
          ? Promise.resolve(Response.json({ type: '/problems/wrong_state' }, { status: 409 }))
          : later(input, init),
    });
    const tasks = await coordinatorTasks(device);
    expect(tasks).toContainEqual(
      expect.objectContaining({ kind: 'list-refused', list: 'devices', check: 'wrong_state' }),
    );
    expect(tasks.map(({ kind }) => kind)).toContain('coordinator-key-ends');
  });

  it('among what persons have written: the others are read', async () => {
    const { worker } = server.network.clinique;
    const { ctx, wraps, body } = sealFeedback('Kind people.', [worker.keys.box.publicKey]);
    const [wrap = new Uint8Array(0)] = wraps;
    const good = { ctx: toBase64url(ctx), wrap: toBase64url(wrap), body: toBase64url(body) };
    const about = { service: 'one', quarter: '2026-4' };
    const items = [
      { ...about, ...good, wrap: toBase64url(new Uint8Array(1168)) },
      { ...about, ...good },
    ];
    const session = { json: <T>() => Promise.resolve({ items } as T) } as unknown as Device['session'];
    const { done, refused } = await listFeedback({ session, keys: worker.keys });
    expect(done).toEqual([{ ...about, text: 'Kind people.' }]);
    expect(refused).toEqual([{ item: about, check: 'hpke' }]);
  });

  it('among what an auditor asks: no answer to a stranger, and the others are answered', async () => {
    const { worker } = server.network.clinique;
    const question = {
      audit: '11111111-2222-3333-4444-555555555555',
      index: 1,
      box: 'AA',
      until: '2027-01-01',
    };
    const device = await deceived(worker.state, (body, path) => {
      if (path === '/v1/audits/questions') body['items'] = [{ ...question, certificate: 'nonsense' }];
    });
    expect(await answerAudits(device)).toEqual({
      answered: 0,
      refused: [{ item: question.audit, check: 'certificate' }],
    });
  });

  it('among what is to be erased: the others are reported, and what the app could not erase is not', async () => {
    const { worker, service } = server.network.laRuelle;
    const given = [await givenReferral(server, 'received'), await givenReferral(server, 'received')];
    for (const { receipt } of given) await receipt.withdraw();
    const [kept = '', gone = ''] = given.map(({ referral }) => referral);
    const erase = (referral: string) =>
      referral === kept ? Promise.reject(new Error('locked')) : Promise.resolve();
    const seen = new Set<string>();
    await until(async () => {
      const { done, refused } = await reportErasures(worker, service, erase);
      for (const referral of done) seen.add(referral);
      return seen.has(gone) && refused.some(({ item, check }) => item === kept && check === 'not-erased');
    });
    expect(seen.has(kept)).toBe(false);
  });

  it('among the referrals of an export: the others are taken along', async () => {
    const { worker, founder } = server.network.laRuelle;
    const [bad, good] = [await givenReferral(server, 'received'), await givenReferral(server, 'received')];
    const device = await Device.start(worker.state, {
      fetch: (input, init) =>
        input instanceof URL && input.pathname.startsWith(`/v1/referrals/${bad.referral}/`)
          ? Promise.resolve(Response.json({ type: '/problems/wrong_state' }, { status: 422 }))
          : fetch(input, init),
    });
    await rememberPaperCode(device, founder.paperCode);
    const { refused } = await exportOrganisation(device);
    expect(refused).toEqual([{ item: bad.referral, check: 'wrong_state' }]);
    expect(good.referral).not.toBe(bad.referral);
  });
});
