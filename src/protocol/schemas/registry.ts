import Type from 'typebox';
import {
  BoxPublicKey,
  Bytes,
  Bytes32,
  Bytes32OrNull,
  Code,
  Count,
  Day,
  Epoch,
  Exact,
  GoodKey,
  Id,
  Name,
  Named,
  OneOf,
} from './types.js';

export const Organisation = Exact({ network: Id, organisation: Id, name: Name, key: GoodKey });
export const CoordinatorKey = Exact({ network: Id, organisation: Id, key: GoodKey, from: Day, until: Day });
export const ServiceKey = Exact({
  network: Id,
  organisation: Named,
  service: Named,
  epoch: Epoch,
  box: BoxPublicKey,
  boxId: Bytes32,
  key: GoodKey,
  from: Day,
  until: Day,
  /** SHA-256 of the service's last service-key JWS. */
  previous: Bytes32OrNull,
  /** SHA-256 of the revocation that this epoch answers. */
  revocation: Type.Optional(Bytes32),
});
export const Revocation = Exact({
  network: Id,
  organisation: Id,
  /** Thumbprint of the key. */
  key: Bytes32,
  from: Day,
  reason: Code,
  decision: Type.Optional(Bytes32),
});
export const WitnessUrl = Type.String({ pattern: '^https?://[!-~]{1,300}[^/]$' });

/**
 * An organisation's witness key, and where it takes checkpoints (C2SP tlog-witness), if it has an address.
 */
export const Witness = Exact({
  network: Id,
  organisation: Id,
  key: GoodKey,
  /** Submission prefix, without the last slash. */
  url: Type.Optional(WitnessUrl),
  from: Day,
});
/** An organisation's word that it knows a web app: SHA-256 of its manifest (web-manifest.ts). */
export const WebApp = Exact({ network: Id, organisation: Id, manifest: Bytes32, from: Day });
/** A log's name with its year, its size, and the root it had there. */
const Tree = Exact({ origin: Type.String({ pattern: '^[!-~]{1,200}$' }), size: Count, root: Bytes32 });
/**
 * The network was put back from a backup, and what was shown of larger trees is void: the consent log goes on
 * from this tree, the registry after so many entries. Signed by the registry log's own key.
 */
export const LogRestored = Exact({ network: Id, key: GoodKey, consent: Tree, entries: Count, from: Day });
/** The key of a log as C2SP signed notes write it: name, id, algorithm and key. */
const Vkey = Type.String({ pattern: '^[!-~]{1,300}$' });
/** Next year's pair of logs: the last entry of a year's registry, signed by its own key. */
export const LogKey = Exact({ network: Id, key: GoodKey, consent: Vkey, registry: Vkey, from: Day });
/** How the pair of the year before ended: the first entry of a year's registry, signed by its own key. */
export const LogOpening = Exact({ network: Id, key: GoodKey, consent: Tree, registry: Tree, from: Day });
export const CharterNotice = Exact({
  network: Id,
  version: Count,
  textHash: Bytes32,
  from: Day,
  previous: Bytes32OrNull,
  decision: Type.Optional(Bytes32),
});

export const AuthKey = Type.Union([
  Exact({ kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: GoodKey }),
  Exact({ kty: Type.Literal('EC'), crv: Type.Literal('P-256'), x: Bytes32, y: Bytes32 }),
]);
export const ROLES = ['worker', 'coordinator', 'auditor', 'observer'] as const;

export const DeviceCertificate = Exact({
  network: Id,
  organisation: Id,
  device: Id,
  role: OneOf(ROLES),
  services: Type.Array(Id, { maxItems: 256 }),
  auth: AuthKey,
  key: GoodKey,
  boxId: Bytes32,
  from: Day,
  until: Day,
});
export const DeviceRequest = Exact({
  network: Id,
  auth: AuthKey,
  key: GoodKey,
  box: BoxPublicKey,
  boxId: Bytes32,
});
export const DeviceRevocation = Exact({ network: Id, organisation: Id, device: Id, from: Day, reason: Code });
export const KeyGrant = Exact({
  network: Id,
  service: Id,
  epoch: Epoch,
  boxId: Bytes32,
  deviceBoxId: Bytes32,
  sealed: Bytes(1168),
});

/** A second device of the organisation, or its root by the paper code, confirms a statement: its SHA-256. */
export const Confirmation = Exact({ network: Id, organisation: Id, statement: Bytes32 });
