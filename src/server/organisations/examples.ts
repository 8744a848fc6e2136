import { toBase64url, utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '#sha256';
import { defaultCharter, textHash } from '../../protocol/registry/charter.js';
import { canonicalText } from '../../protocol/encoding/json.js';
import { epochKeys, boxKey, signingKey } from '../../protocol/crypto/keys.js';
import { sign } from '../../protocol/encoding/signed.js';

/**
 * A small invented network for the API's documentation: real signatures by keys that everybody can make, so
 * that each example is accepted by the schemas and the verifier. Nothing but documentation may use it.
 */
const seed = (label: string): Uint8Array => sha256(utf8(`relais documentation: ${label}`));
const network = '0b9ffc2e-60d6-4b4f-9a52-2f0e8d3a7c11';
const organisation = { id: '6d2c1f0a-7a44-4c0e-8d55-90c2a4be1f02', name: 'La Ruelle (invented)' };
const service = { id: 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04', name: 'Accueil de jour (invented)' };
const device = 'f7a3d5c1-9e02-4b6d-8c11-3e5d7a9b0c06';

const root = signingKey(seed('root'));
const coordinator = signingKey(seed('coordinator'));
const epoch = epochKeys(seed('epoch'));
const deviceAuth = signingKey(seed('device auth'));
const deviceSign = signingKey(seed('device sign'));
const deviceBox = boxKey(seed('device box'));
const codeKey = signingKey(seed('code'));
const common = { network, organisation: organisation.id };
const auth = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(deviceAuth.publicKey) } as const;
const deviceKeys = { auth, key: toBase64url(deviceSign.publicKey), boxId: toBase64url(deviceBox.id) };

const charterText = canonicalText(
  defaultCharter('Network (invented)', [{ organisation: organisation.id, root: root.kid }]),
);

const serviceKey = sign(
  'service-key+jws',
  {
    network,
    organisation,
    service,
    epoch: '2026-11.1',
    box: toBase64url(epoch.box.publicKey),
    boxId: toBase64url(epoch.box.id),
    key: toBase64url(epoch.sign.publicKey),
    from: '2026-11-02',
    until: '2026-11-30',
    previous: null,
  },
  coordinator,
);

export const examples = {
  network,
  organisation,
  service,
  device,
  today: '2026-11-02',
  token: 'q3v2M3lEJ0cZr8Qk1s7uW5nT9bXyHfAeDgKiLpOvRtU',
  charterText,
  kid: codeKey.kid,
  codeKey: toBase64url(codeKey.publicKey),
  welcome: toBase64url(seed('welcome')),
  box: toBase64url(deviceBox.publicKey),
  deviceBoxId: toBase64url(deviceBox.id),
  serviceKey,
  organisationEntry: sign(
    'organisation+jws',
    { ...common, name: organisation.name, key: toBase64url(root.publicKey) },
    root,
  ),
  coordinatorKey: sign(
    'coordinator-key+jws',
    { ...common, key: toBase64url(coordinator.publicKey), from: '2026-11-02', until: '2028-10-31' },
    root,
  ),
  charterSignature: sign(
    'charter+jws',
    {
      network,
      version: 1,
      textHash: textHash(charterText),
      from: '2026-11-02',
      previous: null,
    },
    root,
  ),
  certificate: sign(
    'device-certificate+jws',
    {
      ...common,
      device,
      role: 'worker',
      services: [service.id],
      ...deviceKeys,
      from: '2026-11-02',
      until: '2027-04-30',
    },
    coordinator,
  ),
  deviceRequest: sign(
    'device-request+jws',
    { network, ...deviceKeys, box: toBase64url(deviceBox.publicKey) },
    codeKey,
  ),
  deviceRevocation: sign(
    'device-revocation+jws',
    { ...common, device, from: '2026-11-20', reason: 'device-lost' },
    coordinator,
  ),
  grant: sign(
    'key-grant+jws',
    {
      network,
      service: service.id,
      epoch: '2026-11.1',
      boxId: toBase64url(epoch.box.id),
      deviceBoxId: toBase64url(deviceBox.id),
      sealed: toBase64url(new Uint8Array(1168).fill(7)),
    },
    deviceSign,
  ),
} as const;
