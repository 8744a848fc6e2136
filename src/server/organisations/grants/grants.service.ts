import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { fromBase64url } from '../../../protocol/encoding/bytes.js';
import type { Payload } from '../../../protocol/schemas/signed.js';
import { verifySigned } from '../../../protocol/encoding/signed.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { statementInvalid } from '../../common/errors/index.js';
import { requireOwnService } from '../access.rules.js';
import { DevicesService } from '../devices/devices.service.js';
import { RegistryService, type Queries } from '../registry/registry.service.js';
import {
  findEpochSql,
  findRecipientSql,
  listGrantsOfBoxSql,
  listGrantsSql,
  saveGrantSql,
} from './grants.sql.js';

export interface GrantRow {
  readonly jws: string;
  readonly service: string;
  readonly epoch: string;
}

interface RecipientRow {
  readonly organisation: string;
  readonly services: readonly string[];
  readonly revoked: boolean;
}

/**
 * Epoch seeds, each sealed to one device by another that holds it. The server keeps them and can open none.
 */
@Injectable()
export class GrantsService {
  constructor(
    private readonly registry: RegistryService,
    private readonly devices: DevicesService,
  ) {}

  /** @throws Refused, DomainError not_found for a service that the device does not serve */
  async save(tx: PoolClient, by: DevicePrincipal, grants: readonly string[]): Promise<void> {
    const { network } = (await this.registry.current(tx)).trust;
    const signer = await this.devices.signKeyOf(tx, by.device);
    for (const jws of grants) {
      const { payload } = verifySigned(jws, 'key-grant+jws', signer);
      if (payload.network !== network) throw statementInvalid(jws, '/network');
      requireOwnService(by, payload.service);
      if (!(await this.isOwnEpoch(tx, by, payload))) throw statementInvalid(jws, '/boxId');
      if (!(await this.mayReceive(tx, by, payload))) throw statementInvalid(jws, '/deviceBoxId');
      const box = fromBase64url(payload.deviceBoxId);
      await tx.query(
        saveGrantSql.with({ service: payload.service, epoch: payload.epoch, deviceBoxId: box, jws }),
      );
    }
  }

  /** A device's own, for the services that it serves, after a service's epoch. */
  async of(
    tx: Queries,
    by: DevicePrincipal,
    { after: [service, epoch], limit }: { after: readonly string[]; limit: number },
  ): Promise<GrantRow[]> {
    const [afterService, afterEpoch] = [service ?? null, epoch ?? null];
    const query = listGrantsSql.with({ device: by.device, afterService, afterEpoch, limit });
    return (await tx.query<GrantRow>(query)).rows;
  }

  async ofBox(tx: Queries, boxId: Uint8Array): Promise<string[]> {
    const { rows } = await tx.query<{ jws: string }>(listGrantsOfBoxSql.with({ deviceBoxId: boxId }));
    return rows.map((row) => row.jws);
  }

  private async isOwnEpoch(
    tx: PoolClient,
    by: DevicePrincipal,
    grant: Payload<'key-grant+jws'>,
  ): Promise<boolean> {
    const { service, epoch } = grant;
    const query = findEpochSql.with({ service, epoch, boxId: fromBase64url(grant.boxId) });
    const { rows } = await tx.query<{ organisation: string }>(query);
    return rows[0]?.organisation === by.organisation;
  }

  /**
   * A colleague's device that serves this service. A box key that no device has may be the organisation's
   * paper key, which the server does not know; nobody can fetch such a grant with a token, so it can do no
   * harm.
   */
  private async mayReceive(
    tx: PoolClient,
    by: DevicePrincipal,
    grant: Payload<'key-grant+jws'>,
  ): Promise<boolean> {
    const { rows } = await tx.query<RecipientRow>(
      findRecipientSql.with({ deviceBoxId: fromBase64url(grant.deviceBoxId) }),
    );
    const device = rows[0];
    if (!device) return true;
    return (
      device.organisation === by.organisation && !device.revoked && device.services.includes(grant.service)
    );
  }
}
