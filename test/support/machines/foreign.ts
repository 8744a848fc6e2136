import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { DemoOrganisation } from '../../../src/cli/demo/network.js';
import { certifyRequests, invite } from '../../../src/client/index.js';
import { proofKey, type ProofKey } from '../../../src/client/device/proof.js';
import { randomBytes, toBase64url } from '../../../src/protocol/encoding/bytes.js';
import { deriveInvitation, requireCode } from '../../../src/protocol/encoding/codes.js';
import { boxKey } from '../../../src/protocol/crypto/keys.js';
import type { Payload } from '../../../src/protocol/schemas/signed.js';
import { sign } from '../../../src/protocol/encoding/signed.js';
import { freshKey } from '../network/founders.js';

export type Algorithm = ProofKey['alg'];
type AuthKey = Payload<'device-request+jws'>['auth'];

/** A worker's device whose OAuth client we have not written: all it has of ours is its certificate. */
export interface ForeignDevice {
  readonly id: string;
  readonly key: ForeignKey;
}

/** A key pair as any OAuth library takes it. */
export interface ForeignKey extends ProofKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly privateJwk: JWK;
}

export async function foreignKey(alg: Algorithm): Promise<ForeignKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(privateKey), exportJWK(publicKey)]);
  return { alg, privateKey, publicKey, privateJwk, publicJwk };
}

/**
 * Enrols such a device as any other: by an invitation, its own signed request, and the coordinator's
 * certificate.
 */
export async function enrolForeign(
  { coordinator, service }: DemoOrganisation,
  alg: Algorithm,
  given?: ForeignKey,
): Promise<ForeignDevice> {
  const key = given ?? (await foreignKey(alg));
  const code = await invite(coordinator, { role: 'worker', services: [service] });
  const { sign: codeKey } = deriveInvitation(requireCode(code));
  const door = { proof: { key: await proofKey(codeKey) } };
  const request = sign('device-request+jws', requestOf(key, coordinator.network), codeKey);
  const path = '/v1/invitation';
  await coordinator.transport.send({ method: 'POST', path: `${path}/request`, body: { request }, ...door });
  await certifyRequests(coordinator);
  const { device } = await coordinator.transport.json<{ device: string }>({ method: 'GET', path, ...door });
  return { id: device, key };
}

function requestOf({ publicJwk }: ForeignKey, network: string): Payload<'device-request+jws'> {
  const { kty, crv, x, y } = publicJwk;
  const auth = (y === undefined ? { kty, crv, x } : { kty, crv, x, y }) as AuthKey;
  const box = boxKey(randomBytes(32));
  return {
    network,
    auth,
    key: toBase64url(freshKey().publicKey),
    box: toBase64url(box.publicKey),
    boxId: toBase64url(box.id),
  };
}
