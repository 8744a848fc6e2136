import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { fromBase64url, toBase64url } from '../../../protocol/encoding/bytes.js';
import { requireGoodKey, thumbprint } from '../../../protocol/crypto/keys.js';
import { quotasOf, requireAppointed } from '../../../protocol/registry/charter.js';
import { checkText, refuse } from '../../../protocol/encoding/errors.js';
import type { Payload } from '../../../protocol/schemas/signed.js';
import { readUnverified, requirePayload, verifySigned } from '../../../protocol/encoding/signed.js';
import { authThumbprint, type DevicePrincipal, type Role } from '../../common/access/index.js';
import { CharterService } from '../../charter/index.js';
import { DomainError } from '../../common/errors/index.js';
import { lockOrganisationSql } from '../devices/devices.sql.js';
import { requireBox, type Certificate, type CertifiedDevice } from '../devices/certificate.rules.js';
import { GrantsService } from '../grants/grants.service.js';
import { servicesOf } from '../registry/registry.rules.js';
import { RegistryService, type Queries } from '../registry/registry.service.js';
import {
  findInvitationSql,
  forgetInvitationsSql,
  hasRoomSql,
  insertInvitationSql,
  isWithinDaySql,
  listInvitationsSql,
  requestInvitationSql,
  useInvitationSql,
} from './invitations.sql.js';

export type InvitationState = 'open' | 'requested' | 'certified' | 'expired';
export type InvitedRole = Role;

export interface NewInvitation {
  /** Raw Ed25519 key of the code, base64url. */
  readonly key: string;
  readonly role: InvitedRole;
  readonly services: readonly string[];
  /** Instant, at most 24 hours ahead of the database's clock. */
  readonly expires: string;
  /** Sealed under the code, base64url. */
  readonly welcome: string;
}

export interface ListedInvitation {
  readonly kid: string;
  readonly key: string;
  readonly role: InvitedRole;
  readonly services: readonly string[];
  readonly expires: string;
  readonly state: InvitationState;
  readonly request?: string;
}

/** What the holder of the code is shown. */
export interface OwnInvitation {
  readonly state: InvitationState;
  readonly role: InvitedRole;
  readonly services: readonly string[];
  readonly welcome: string;
  readonly device?: string;
  readonly certificate?: string;
  readonly grants?: readonly string[];
}

interface ListRow extends Omit<ListedInvitation, 'key' | 'expires' | 'request'> {
  readonly key: Uint8Array;
  readonly expiresAt: Date;
  readonly request: string | null;
}

interface OwnRow extends Pick<OwnInvitation, 'state' | 'role' | 'services'> {
  readonly key: Uint8Array;
  readonly welcome: Uint8Array;
  readonly request: string | null;
  readonly device: string | null;
  readonly certificate: string | null;
  readonly boxId: Uint8Array | null;
}

interface UsedRow extends Pick<NewInvitation, 'role' | 'services'> {
  readonly key: Uint8Array;
  readonly request: string;
}

/**
 * Codes by which a new device joins: shown by a coordinator, used once, within a day. The server knows only
 * their keys.
 */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly registry: RegistryService,
    private readonly grants: GrantsService,
    private readonly charter: CharterService,
  ) {}

  /**
   * @throws Refused for a role that nobody of the organisation could be certified in, DomainError
   * input_invalid past 24 hours, wrong_state for a code that was used before, quota_reached
   */
  async create(tx: PoolClient, by: DevicePrincipal, invitation: NewInvitation): Promise<string> {
    const key = requireGoodKey(fromBase64url(invitation.key));
    await this.requireWithinDay(tx, invitation.expires);
    await this.requireServices(tx, by, invitation.services);
    const charter = await this.charter.inForce(tx);
    requireAppointed(invitation.role, by.organisation, charter);
    await tx.query(lockOrganisationSql.with({ organisation: by.organisation }));
    await tx.query(forgetInvitationsSql.with({ organisation: by.organisation }));
    const { role, services, expires, welcome } = invitation;
    const { invitations: most } = quotasOf(charter);
    const { organisation } = by;
    const kid = thumbprint(key);
    const code = { kid, key, organisation, role, services, expires, welcome: fromBase64url(welcome), most };
    const { rowCount } = await tx.query(insertInvitationSql.with(code));
    if (rowCount === 1) return kid;
    const { rows } = await tx.query<{ room: boolean }>(hasRoomSql.with({ organisation, most }));
    throw new DomainError(rows[0]?.room === false ? 'quota_reached' : 'wrong_state');
  }

  /** The newest first; `after` names the last one shown, by end and kid. */
  async list(
    tx: Queries,
    by: DevicePrincipal,
    { after: [expires, kid], limit }: { after: readonly string[]; limit: number },
  ): Promise<ListedInvitation[]> {
    const { organisation } = by;
    const [afterExpires, afterKid] = [expires ?? null, kid ?? null];
    const query = listInvitationsSql.with({ organisation, afterExpires, afterKid, limit });
    const { rows } = await tx.query<ListRow>(query);
    return rows.map(({ key, expiresAt, request, ...row }) => ({
      ...row,
      key: toBase64url(key),
      expires: expiresAt.toISOString(),
      ...(request === null ? {} : { request }),
    }));
  }

  /** @throws DomainError not_found for an unknown code and, unless it led to a certificate, an expired one */
  async own(tx: Queries, kid: string): Promise<OwnInvitation> {
    const { state, role, services, welcome, device, certificate, boxId } = await this.requireLiving(tx, kid);
    const shown = { state, role, services, welcome: toBase64url(welcome) };
    if (device === null || certificate === null || boxId === null) return shown;
    return { ...shown, device, certificate, grants: await this.grants.ofBox(tx, boxId) };
  }

  /**
   * A new device's keys, signed with the code. The same request again is the same; another one comes too
   * late.
   */
  async request(tx: PoolClient, kid: string, request: string): Promise<void> {
    const { key } = await this.requireLiving(tx, kid);
    const { payload } = verifySigned(request, 'device-request+jws', new Map([[kid, key]]));
    const { network } = (await this.registry.current(tx)).trust;
    checkText(request, () => {
      if (payload.network !== network) refuse('network', '/network');
      requireBox(payload.box, payload.boxId);
      authThumbprint(payload.auth);
    });
    if ((await tx.query(requestInvitationSql.with({ kid, request }))).rowCount === 1) return;
    // nobody's request is ever replaced: what is there now was there before this one
    if ((await this.requireLiving(tx, kid)).request !== request) throw new DomainError('wrong_state');
  }

  /**
   * Uses a code up for a certificate, which must say exactly what was invited and requested. Of two at once,
   * one wins.
   * @throws Refused, DomainError not_found
   */
  async use(tx: PoolClient, by: DevicePrincipal, kid: string, device: CertifiedDevice): Promise<void> {
    const { certificate } = device;
    const { rows } = await tx.query<UsedRow>(
      useInvitationSql.with({ kid, organisation: by.organisation, device: certificate.device }),
    );
    const used = rows[0];
    if (!used) throw new DomainError('not_found');
    const asked = requirePayload('device-request+jws', readUnverified(used.request).payload);
    checkText(device.text, () => requireSame(certificate, used, asked));
  }

  private async requireWithinDay(tx: Queries, expires: string): Promise<void> {
    const { rows } = await tx.query<{ within: boolean }>(isWithinDaySql.with({ expires }));
    if (rows[0]?.within !== true) throw new DomainError('input_invalid', { pointer: '/expires' });
  }

  private async requireLiving(tx: Queries, kid: string): Promise<OwnRow> {
    const { rows } = await tx.query<OwnRow>(findInvitationSql.with({ kid }));
    if (!rows[0] || rows[0].state === 'expired') throw new DomainError('not_found');
    return rows[0];
  }

  /** An organisation invites for its own services only; others' and unknown ones look the same. */
  private async requireServices(
    tx: Queries,
    by: DevicePrincipal,
    services: readonly string[],
  ): Promise<void> {
    const own = servicesOf(await this.registry.current(tx), by.organisation);
    if (!services.every((service) => own.has(service))) throw new DomainError('not_found');
  }
}

function requireSame(certificate: Certificate, invited: UsedRow, asked: Payload<'device-request+jws'>): void {
  if (certificate.role !== invited.role) refuse('role', '/role');
  const services = new Set(invited.services);
  const same =
    certificate.services.length === services.size && certificate.services.every((id) => services.has(id));
  if (!same) refuse('services', '/services');
  if (certificate.key !== asked.key) refuse('key', '/key');
  if (certificate.boxId !== asked.boxId) refuse('key', '/boxId');
  if (authThumbprint(certificate.auth) !== authThumbprint(asked.auth)) refuse('key', '/auth');
}
