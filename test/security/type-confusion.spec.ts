import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certifyDevice, publicJwk } from '../../src/client/device/certify.js';
import { makeGrants } from '../../src/client/device/grants.js';
import { invite } from '../../src/client/index.js';
import { proofKey } from '../../src/client/device/proof.js';
import { fromBase64url, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { deriveInvitation, derivePaper, requireCode } from '../../src/protocol/encoding/codes.js';
import { boxKey, type BoxKey, type SigningKey } from '../../src/protocol/crypto/keys.js';
import { SIGNED_EXAMPLES } from '../../src/protocol/schemas/examples.js';
import { SIGNED, type SignedTyp } from '../../src/protocol/schemas/signed.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { sign, verifySigned } from '../../src/protocol/encoding/signed.js';
import { Entrant } from '../support/network/entrant.js';
import { coordinatorEntry, freshKey } from '../support/network/founders.js';
import { givenSend, post, postSend, postWithdrawal, withdrawalOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const TYPS = Object.keys(SIGNED) as SignedTyp[];
const PAIRS = TYPS.flatMap((typ) =>
  TYPS.filter((other) => other !== typ).map((other) => [typ, other] as const),
);
const key = freshKey();
const ring = new Map([[key.kid, key.publicKey]]);

/** The very payload of a signed object, under another typ, by the key that may sign it. */
function resigned(text: string, typ: SignedTyp, by: SigningKey): string {
  const [, payload = ''] = text.split('.');
  return sign(typ, new TextDecoder().decode(fromBase64url(payload)), by);
}

describe('an object of one kind', () => {
  it.each(PAIRS)('%s is not read as %s, by its own typ or under the other’s', (typ, other) => {
    const text = sign<SignedTyp>(typ, SIGNED_EXAMPLES[typ], key);
    expect(() => verifySigned(text, other, ring)).toThrow(new Refused('typ'));
    // one that has all members of the other, and more, could be what a newer version writes: it is refused as
    // that
    expect(() => verifySigned(resigned(text, other, key), other, ring)).toThrow(
      /^refused: (schema|upgrade)$/,
    );
  });
});

/** Where the server takes a signed object: what is sent differs from what is taken in its typ alone. */
describe('over HTTP', () => {
  let server: FoundedServer;
  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  interface Door {
    readonly text: string;
    readonly by: SigningKey;
    readonly send: (text: string) => Promise<unknown>;
  }

  const doors: Readonly<Record<string, [SignedTyp, () => Promise<Door>]>> = {
    'a device': ['device-certificate+jws', certificate],
    'the end of a device': ['device-revocation+jws', revocation],
    'a grant': ['key-grant+jws', grant],
    'an entry of the registry': ['coordinator-key+jws', entry],
    'a request with a code': ['device-request+jws', request],
    'a send': ['consent-statement+jws', send],
    'a withdrawal': ['consent-statement+jws', withdrawal],
  };

  it.each(Object.entries(doors))('%s is taken as its own kind only', async (_, [typ, open]) => {
    const door = await open();
    for (const other of TYPS.filter((one) => one !== typ)) {
      const refused = door.send(resigned(door.text, other, door.by));
      await expect(refused).rejects.toMatchObject({ status: expect.stringMatching(/^(400|422)$/) });
    }
    await door.send(door.text);
  });

  it.each(TYPS)(
    '%s is neither an assertion nor a proof, though signed by the device’s own key',
    async (typ) => {
      const { worker } = server.network.laRuelle;
      const entrant = await Entrant.of(worker.state);
      const text = sign<SignedTyp>(typ, SIGNED_EXAMPLES[typ], worker.keys.auth);
      expect(await entrant.post(text, await entrant.tokenProof())).toMatchObject({ status: 401 });
      expect(await entrant.post(await entrant.assertion(), text)).toMatchObject({ status: 400 });
      const jwts = [await entrant.assertion(), await entrant.tokenProof()];
      for (const jwt of jwts)
        expect(() =>
          verifySigned(jwt, typ, new Map([[worker.keys.auth.kid, worker.keys.auth.publicKey]])),
        ).toThrow(expect.objectContaining({ check: 'header' }));
    },
  );

  /** With the status as text, so that one pattern holds for all. */
  async function answered<T>(call: Promise<T>): Promise<T> {
    return call.catch((error: unknown) => {
      throw Object.assign(new Error('refused'), { status: String((error as { status: number }).status) });
    });
  }

  async function newDevice(): Promise<{ device: string; certificate: string; box: BoxKey }> {
    const { coordinator, service } = server.network.laRuelle;
    const [auth, own, box] = [freshKey(), freshKey(), boxKey(randomBytes(32))];
    const of = {
      network: coordinator.network,
      organisation: coordinator.organisation.id,
      role: 'worker' as const,
      services: [service],
      today: await coordinator.today(),
      auth: publicJwk(auth),
      key: toBase64url(own.publicKey),
      boxId: toBase64url(box.id),
    };
    return { ...certifyDevice(of, coordinator.coordinatorKey()), box };
  }

  async function certificate(): Promise<Door> {
    const { coordinator } = server.network.laRuelle;
    const { certificate: text, box } = await newDevice();
    const boxB64 = toBase64url(box.publicKey);
    const send = (sent: string) =>
      answered(post<object>(coordinator, '/v1/devices', { certificate: sent, box: boxB64 }));
    return { text, by: coordinator.coordinatorKey(), send };
  }

  async function certified() {
    const { coordinator } = server.network.laRuelle;
    const made = await newDevice();
    const body = { certificate: made.certificate, box: toBase64url(made.box.publicKey) };
    await post(coordinator, '/v1/devices', body);
    return { coordinator, ...made };
  }

  async function revocation(): Promise<Door> {
    const { coordinator, device } = await certified();
    const { network, organisation } = coordinator;
    const payload = { network, organisation: organisation.id, device, from: await coordinator.today() };
    const by = coordinator.coordinatorKey();
    const text = sign('device-revocation+jws', { ...payload, reason: 'device-lost' }, by);
    const path = `/v1/devices/${device}/revocation`;
    return { text, by, send: (sent) => answered(post<object>(coordinator, path, { revocation: sent })) };
  }

  async function grant(): Promise<Door> {
    const { coordinator, box } = await certified();
    const { service } = server.network.laRuelle;
    const by = coordinator.keys.sign;
    const to = { box: box.publicKey, boxId: box.id, services: [service], grants: [] };
    const how = { registry: await coordinator.registry(), today: await coordinator.today(), signer: by };
    const [text = ''] = makeGrants(coordinator.state.epochs, to, how);
    const send = (sent: string) => answered(post<object>(coordinator, '/v1/grants', { grants: [sent] }));
    return { text, by, send };
  }

  async function entry(): Promise<Door> {
    const { coordinator, founder } = server.network.laRuelle;
    const at = { network: coordinator.network, today: await coordinator.today() };
    const { sign: root } = derivePaper(requireCode(founder.paperCode));
    const text = coordinatorEntry(at, coordinator.organisation, freshKey(), root);
    const path = '/v1/registry/entries';
    const send = (sent: string) => answered(post<object>(coordinator, path, { entries: [sent] }));
    return { text, by: root, send };
  }

  async function request(): Promise<Door> {
    const { coordinator, service } = server.network.laRuelle;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const { sign: by } = deriveInvitation(requireCode(code));
    const [auth, own, box] = [freshKey(), freshKey(), boxKey(randomBytes(32))];
    const payload = {
      network: coordinator.network,
      auth: publicJwk(auth),
      key: toBase64url(own.publicKey),
      box: toBase64url(box.publicKey),
      boxId: toBase64url(box.id),
    };
    const call = {
      method: 'POST',
      path: '/v1/invitation/request',
      proof: { key: await proofKey(by) },
    } as const;
    const send = (sent: string) => answered(coordinator.transport.send({ ...call, body: { request: sent } }));
    return { text: sign('device-request+jws', payload, by), by, send };
  }

  async function send(): Promise<Door> {
    const { worker, service } = server.network.laRuelle;
    const { body } = await givenSend(server.network);
    const [given, released] = body.statements;
    const by = (await worker.epochOf(service)).sign;
    const bodyWith = (jws: string) => ({ ...body, statements: [given, { ...released, jws }] });
    return {
      text: released?.jws ?? '',
      by,
      send: (sent) => answered(postSend(worker, bodyWith(sent))),
    };
  }

  async function withdrawal(): Promise<Door> {
    const { worker } = server.network.laRuelle;
    const { body, person, given } = await givenSend(server.network);
    await postSend(worker, body);
    const texts = body.statements.map(({ jws }) => jws);
    const statement = withdrawalOf(texts, given, person.sign);
    const withdraw = async (jws: string): Promise<void> => {
      const { status } = await postWithdrawal(server, { ...statement, jws });
      if (status !== 200) throw Object.assign(new Error('refused'), { status: String(status) });
    };
    return { text: statement.jws, by: person.sign, send: withdraw };
  }
});
