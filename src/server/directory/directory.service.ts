import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { currentEpoch } from '../../protocol/registry/registry-keys.js';
import type { DevicePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { LogService } from '../log/index.js';
import { RegistryService, type Queries } from '../organisations/index.js';
import { ProfilesService } from './profiles/profiles.service.js';
import { findServiceSql, listServicesSql, setStatusSql } from './directory.sql.js';

export type ServiceStatus = 'open' | 'closed';

export interface ListedService {
  readonly id: string;
  readonly name: string;
  readonly organisation: { readonly id: string; readonly name: string };
  /** Whether it takes new referrals. */
  readonly status: ServiceStatus;
}

/** A service with the key to seal to today, and the proof that the registry log holds that key's entry. */
export interface ShownService extends ListedService {
  readonly serviceKey: string;
  readonly proof: string;
  /** As the service published it, if it did. */
  readonly profile: string | null;
}

/** The last service of a page, in the list's order. */
export interface ServicePosition {
  readonly name: string;
  readonly id: string;
}

interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly status: ServiceStatus;
  readonly organisationId: string;
  readonly organisationName: string;
}

/** Services offered in the network: a plain list, equal for everybody who may read it. */
@Injectable()
export class DirectoryService {
  constructor(
    private readonly registry: RegistryService,
    private readonly log: LogService,
    private readonly profiles: ProfilesService,
  ) {}

  async list(tx: Queries, after: ServicePosition | undefined, limit: number): Promise<ListedService[]> {
    const { rows } = await tx.query<ServiceRow>(
      listServicesSql.with({ afterName: after?.name ?? null, afterId: after?.id ?? null, limit }),
    );
    return rows.map(listed);
  }

  /** @throws DomainError not_found */
  async getService(tx: Queries, id: string): Promise<ListedService> {
    const { rows } = await tx.query<ServiceRow>(findServiceSql.with({ service: id }));
    if (!rows[0]) throw new DomainError('not_found');
    return listed(rows[0]);
  }

  /**
   * @throws DomainError not_found, key_not_current, in_progress while the log has not yet signed the key's
   * entry
   */
  async show(tx: Queries, id: string): Promise<ShownService> {
    const service = await this.getService(tx, id);
    const registry = await this.registry.current(tx);
    const key = currentEpoch(registry, id, await this.registry.today(tx));
    const serviceKey = key && registry.entries[key.index];
    if (!key || serviceKey === undefined) throw new DomainError('key_not_current');
    const proof = await this.log.registryProof(BigInt(key.index));
    if (proof === undefined) throw new DomainError('in_progress');
    return { ...service, serviceKey, proof, profile: (await this.profiles.get(id)).profile };
  }

  /** A coordinator opens or closes its own organisation's service. @throws DomainError not_found */
  async setStatus(tx: PoolClient, by: DevicePrincipal, id: string, status: ServiceStatus): Promise<void> {
    const { rowCount } = await tx.query(
      setStatusSql.with({ service: id, organisation: by.organisation, status }),
    );
    if (rowCount !== 1) throw new DomainError('not_found');
  }
}

function listed({ id, name, status, organisationId, organisationName }: ServiceRow): ListedService {
  return { id, name, status, organisation: { id: organisationId, name: organisationName } };
}
