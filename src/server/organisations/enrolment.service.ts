import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { DevicePrincipal } from '../common/access/index.js';
import { DevicesService } from './devices/devices.service.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { refusedAsInvalid } from './refused.js';

export interface NewDevice {
  /** device-certificate+jws */
  readonly certificate: string;
  /** X-Wing public key, base64url. */
  readonly box: string;
  /** Thumbprint of the code by which the device asked. */
  readonly invitation?: string;
}

/** A device joins: its certificate holds, and where it came by a code, says what that code's request said. */
@Injectable()
export class EnrolmentService {
  constructor(
    private readonly devices: DevicesService,
    private readonly invitations: InvitationsService,
  ) {}

  /** @throws DomainError statement_invalid, not_found for the invitation, wrong_state for keys in use */
  async certify(
    tx: PoolClient,
    by: DevicePrincipal,
    { certificate, box, invitation }: NewDevice,
  ): Promise<string> {
    return refusedAsInvalid(async () => {
      const device = await this.devices.verify(tx, by, certificate, box);
      if (invitation !== undefined) await this.invitations.use(tx, by, invitation, device);
      return this.devices.add(tx, device);
    });
  }
}
