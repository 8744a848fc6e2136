import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { fromBase64url, toBase64url } from '../../../protocol/encoding/bytes.js';
import { quotasOf } from '../../../protocol/registry/charter.js';
import { thumbprint } from '../../../protocol/crypto/keys.js';
import { verifySigned, type Keyring } from '../../../protocol/encoding/signed.js';
import { DomainError, statementInvalid } from '../../common/errors/index.js';
import { CharterService } from '../../charter/index.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { currentCoordinators, servicesOf } from '../registry/registry.rules.js';
import { RegistryService, type Queries } from '../registry/registry.service.js';
import { verifyCertificate, type CertifiedDevice } from './certificate.rules.js';
import {
  deleteGrantsOfSql,
  findDeviceSql,
  findSignKeySql,
  hasCoordinatorSql,
  hasRoomSql,
  insertDeviceSql,
  listDevicesSql,
  lockOrganisationSql,
  renewDeviceSql,
  revokeDeviceSql,
} from './devices.sql.js';

export interface ListedDevice {
  readonly device: string;
  readonly certificate: string;
  /** X-Wing public key, base64url. */
  readonly box: string;
  readonly revoked: boolean;
  /** The epochs whose seeds were sealed to it. */
  readonly grants: readonly { readonly service: string; readonly epoch: string }[];
}

interface DeviceRow {
  readonly id: string;
  readonly role: string;
  readonly boxId: Uint8Array;
  readonly revoked: boolean;
}

/** Devices of an organisation: pseudonyms with keys, certified by a coordinator, at most 180 days. */
@Injectable()
export class DevicesService {
  constructor(
    private readonly registry: RegistryService,
    private readonly charter: CharterService,
  ) {}

  /** What the caller's organisation may certify today. @throws Refused */
  async verify(tx: Queries, by: DevicePrincipal, certificate: string, box: string): Promise<CertifiedDevice> {
    const registry = await this.registry.current(tx);
    const today = await this.registry.today(tx);
    return verifyCertificate(certificate, box, {
      network: registry.trust.network,
      organisation: by.organisation,
      coordinators: currentCoordinators(registry, by.organisation, today),
      services: servicesOf(registry, by.organisation),
      charter: await this.charter.inForce(tx),
      today,
    });
  }

  /**
   * Takes a verified certificate in: a new device's, or a renewed one, which no quota stops.
   * @throws DomainError wrong_state where its keys or its pseudonym are in use otherwise, quota_reached
   */
  async add(tx: PoolClient, { certificate, text, authThumbprint, box }: CertifiedDevice): Promise<string> {
    const { device, organisation, role, services, auth, from, until } = certificate;
    const [signKey, boxId] = [fromBase64url(certificate.key), fromBase64url(certificate.boxId)];
    const who = { device, organisation, role, services, authThumbprint };
    const renewal = { ...who, signKey, boxId, from, until, certificate: text };
    if ((await tx.query(renewDeviceSql.with(renewal))).rowCount === 1) return device;
    const { devices: most } = quotasOf(await this.charter.inForce(tx));
    await tx.query(lockOrganisationSql.with({ organisation }));
    const row = insertDeviceSql.with({ ...renewal, auth: JSON.stringify(auth), box, most });
    const { rowCount } = await tx.query(row);
    if (rowCount === 1) return device;
    const { rows } = await tx.query<{ room: boolean }>(hasRoomSql.with({ organisation, most }));
    throw new DomainError(rows[0]?.room === false ? 'quota_reached' : 'wrong_state');
  }

  /**
   * The organisation's devices, revoked ones included: a colleague must be able to check who granted a key.
   */
  async list(
    tx: Queries,
    organisation: string,
    page: { after: string | null; limit: number },
  ): Promise<ListedDevice[]> {
    const { rows } = await tx.query<Omit<ListedDevice, 'box'> & { box: Uint8Array }>(
      listDevicesSql.with({ organisation, ...page }),
    );
    return rows.map((row) => ({ ...row, box: toBase64url(row.box) }));
  }

  /**
   * Stops a device for good: its token fails at the next request, its grants are gone. Repeating it changes
   * nothing.
   * @throws Refused, DomainError not_found, second_device_required
   */
  async revoke(tx: PoolClient, by: DevicePrincipal, device: string, revocation: string): Promise<void> {
    await tx.query(lockOrganisationSql.with({ organisation: by.organisation }));
    const found = await this.requireOwnDevice(tx, by, device);
    const { from } = await this.verifyRevocation(tx, by, device, revocation);
    if (found.revoked) return;
    await tx.query(revokeDeviceSql.with({ device, from, revocation }));
    await tx.query(deleteGrantsOfSql.with({ boxId: found.boxId }));
    await this.requireCoordinatorLeft(tx, by.organisation);
  }

  /** The key with which a device signs grants and handoffs, by thumbprint; empty for a revoked one. */
  async signKeyOf(tx: Queries, device: string): Promise<Keyring> {
    const { rows } = await tx.query<{ key: Uint8Array }>(findSignKeySql.with({ device }));
    return new Map(rows.map(({ key }) => [thumbprint(key), key]));
  }

  private async requireOwnDevice(tx: PoolClient, by: DevicePrincipal, device: string): Promise<DeviceRow> {
    const { rows } = await tx.query<DeviceRow>(findDeviceSql.with({ device, organisation: by.organisation }));
    if (!rows[0]) throw new DomainError('not_found');
    return rows[0];
  }

  private async verifyRevocation(tx: PoolClient, by: DevicePrincipal, device: string, text: string) {
    const registry = await this.registry.current(tx);
    const ring = currentCoordinators(registry, by.organisation, await this.registry.today(tx));
    const { payload } = verifySigned(text, 'device-revocation+jws', ring);
    if (payload.network !== registry.trust.network) throw statementInvalid(text, '/network');
    if (payload.organisation !== by.organisation) throw statementInvalid(text, '/organisation');
    if (payload.device !== device) throw statementInvalid(text, '/device');
    return payload;
  }

  /** An organisation without a coordinator could never staff itself again. */
  private async requireCoordinatorLeft(tx: PoolClient, organisation: string): Promise<void> {
    const { rows } = await tx.query<{ present: boolean }>(hasCoordinatorSql.with({ organisation }));
    if (rows[0]?.present !== true) throw new DomainError('second_device_required');
  }
}
