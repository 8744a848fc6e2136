import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certifyRequests, Device, invite, Joining, maintainKeys } from '../../src/client/index.js';
import { newDeviceKeys } from '../../src/client/device/certify.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { asOwner } from '../support/machines/database.js';
import { deceived, watched } from '../support/machines/liar.js';
import { requestBy } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { freshKey } from '../support/network/founders.js';

interface Listed {
  key: string;
  role: string;
  services: string[];
  state: string;
  request?: string;
}

/** Whom a coordinator's device takes in and gives keys to is its own decision, whatever the server lists. */
describe('a coordinator’s device', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  const coordinator = (): Device => server.network.clinique.coordinator;
  const service = (): string => server.network.clinique.service;

  it('certifies nobody with a code that it has not shown', async () => {
    const codeKey = freshKey();
    const { request } = requestBy(codeKey, coordinator().network);
    const { device, posted } = await watched(coordinator().state, (body, path) => {
      const forged = { key: toBase64url(codeKey.publicKey), role: 'worker', services: [service()] };
      if (path === '/v1/invitations') body['items'] = [{ ...forged, state: 'requested', request }];
    });
    expect(await certifyRequests(device)).toEqual({ done: [], refused: [] });
    expect(posted).toEqual([]);
  });

  it('certifies in the role and for the services that it invited to, whatever the list says', async () => {
    const code = await invite(coordinator(), { role: 'worker', services: [service()] });
    const joining = await Joining.ask(server.address, code);
    const device = await deceived(coordinator().state, (body, path) => {
      if (path !== '/v1/invitations') return;
      for (const item of body['items'] as Listed[])
        Object.assign(item, { role: 'coordinator', services: [] });
    });
    expect((await certifyRequests(device)).done).toHaveLength(1);
    expect(await joining.finish()).toMatchObject({ role: 'worker', services: [service()] });
  });

  it('certifies no request that its code has not signed', async () => {
    const code = await invite(coordinator(), { role: 'worker', services: [service()] });
    await Joining.ask(server.address, code);
    const { request } = requestBy(freshKey(), coordinator().network);
    const { device, posted } = await watched(coordinator().state, (body, path) => {
      if (path !== '/v1/invitations') return;
      for (const item of body['items'] as Listed[]) item.request = request;
    });
    expect((await certifyRequests(device)).refused).toMatchObject([{ check: 'kid' }]);
    expect(posted).toEqual([]);
  });

  it('remembers an invitation over a restart, and forgets it once it is used or past', async () => {
    const first = await Device.start({ ...coordinator().state, invitations: [] });
    const code = await invite(first, { role: 'worker', services: [service()] });
    await Joining.ask(server.address, code);
    const stateAfterInviting = JSON.parse(JSON.stringify(first.state)) as typeof first.state;
    expect(stateAfterInviting.invitations).toHaveLength(1);
    expect(JSON.stringify(stateAfterInviting)).not.toContain(code);
    const inADay = await Device.start(stateAfterInviting, {
      clock: () => new Date(Date.now() + 86_400_000),
    });
    expect(await certifyRequests(inADay)).toEqual({ done: [], refused: [] });
    expect(inADay.state.invitations).toEqual([]);
    const restarted = await Device.start(stateAfterInviting);
    expect((await certifyRequests(restarted)).done).toHaveLength(1);
    expect(restarted.state.invitations).toEqual([]);
  });

  it('gives no key to a box that the certificate does not name, and is not stopped by a bad one', async () => {
    const before = await grantedBoxes();
    const { box, boxId } = boxOf(newDeviceKeys());
    const { clinique, laRuelle } = server.network;
    const device = await deceived(coordinator().state, (body, path) => {
      if (path !== '/v1/devices') return;
      const items = body['items'] as { certificate: string; box: string; revoked: boolean }[];
      const [worker] = items.filter(({ certificate }) => certificate === clinique.worker.certificate);
      body['items'] = [
        { ...worker, box },
        { ...worker, certificate: laRuelle.worker.certificate },
        { ...worker, certificate: 'nonsense' },
        ...items,
      ];
    });
    const told = await maintainKeys(device);
    expect(told.map(({ what, check }) => [what, check])).toEqual([
      ['device', 'key-id'],
      ['device', 'certificate'],
      ['device', 'certificate'],
    ]);
    expect(await grantedBoxes()).toEqual(before);
    expect(before).not.toContain(boxId);
    const worker = await Device.start({ ...clinique.worker.state, epochs: [] });
    expect((await worker.epochOf(service())).box.id).toBeDefined();
  });

  async function grantedBoxes(): Promise<string[]> {
    const rows = await asOwner<{ box: Buffer }>(
      server.urls,
      'SELECT DISTINCT device_box_id AS box FROM key_grant ORDER BY 1',
    );
    return rows.map(({ box }) => toBase64url(box));
  }
});

function boxOf({ box }: ReturnType<typeof newDeviceKeys>): { box: string; boxId: string } {
  return { box: toBase64url(box.publicKey), boxId: toBase64url(box.id) };
}
