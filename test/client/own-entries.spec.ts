import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acceptEntries,
  coordinatorTasks,
  Device,
  maintainKeys,
  registerWitness,
  strangeEntries,
} from '../../src/client/index.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { fromBase64url } from '../../src/protocol/encoding/bytes.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { freshKey } from '../support/network/founders.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/**
 * The operator cannot write in an organisation's name; whoever stole its coordinator's key can, and is seen.
 */
describe('a coordinator’s device', () => {
  let server: FoundedServer;
  let mine: Device;

  beforeAll(async () => {
    server = await givenNetwork();
    mine = server.network.laRuelle.coordinator;
  });
  afterAll(() => server.stop());

  /** Posts with the same keys from elsewhere, as a thief of the device's state would. */
  async function steal(): Promise<void> {
    const { watched: _, ...state } = mine.state;
    const thief = await Device.start(state);
    const key = freshKey();
    await registerWitness(thief, { key: key.publicKey });
    const payload = {
      network: thief.network,
      organisation: thief.organisation.id,
      key: key.kid,
      from: await thief.today(),
      reason: 'test',
    };
    const coordinator = signingKey(fromBase64url(state.coordinator ?? ''));
    await thief.postEntries([sign('revocation+jws', payload, coordinator)]);
  }

  it('is not alarmed by what it posted itself, nor by what others say in their own name', async () => {
    expect(await strangeEntries(mine)).toEqual([]);
    await maintainKeys(mine);
    await registerWitness(server.network.clinique.coordinator, { key: freshKey().publicKey });
    expect(await strangeEntries(mine)).toEqual([]);
  });

  it('is alarmed by every entry in its organisation’s name that it did not make, also after a restart', async () => {
    const before = (await mine.registry()).entries.length;
    await steal();
    const from = await mine.today();
    const alarms = [
      { index: before, typ: 'witness+jws', from, unusual: [] },
      { index: before + 1, typ: 'revocation+jws', from, unusual: [] },
    ];
    expect(await strangeEntries(mine)).toEqual(alarms);
    const restarted = await Device.start(JSON.parse(JSON.stringify(mine.state)) as typeof mine.state);
    expect(await strangeEntries(restarted)).toEqual(alarms);
    expect(await coordinatorTasks(mine)).toContainEqual({
      kind: 'entry-not-mine',
      index: before,
      typ: 'witness+jws',
      until: from,
      unusual: [],
    });
  });

  it('is calm again about what somebody knows, and only about that', async () => {
    const [first, second] = await strangeEntries(mine);
    acceptEntries(mine, first?.index ?? 0);
    expect(await strangeEntries(mine)).toEqual([second]);
    acceptEntries(mine, second?.index ?? 0);
    expect(await strangeEntries(mine)).toEqual([]);
  });
});
