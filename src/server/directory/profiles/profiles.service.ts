import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { CAPACITY_STALE_HOURS } from '../../../protocol/registry/charter.js';
import { parseProfile, requireDeclarable } from '../../../protocol/directory/profile.js';
import { Refused, refuse } from '../../../protocol/encoding/errors.js';
import { requirePlainText } from '../../../protocol/encoding/plain-text.js';
import { ServiceProfile } from '../../../protocol/schemas/service-profile.js';
import { CharterService } from '../../charter/index.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { callValues, Idempotency, type IdempotentCall } from '../../common/http/index.js';
import { RegistryService } from '../../organisations/index.js';
import { FIND_PROFILE, NAMES, PUBLISH } from './profile.sql.js';
import { keysOf } from '../search/search.rules.js';

/** What a service has free. What was stated too long ago is not known: then it says only since when. */
export interface Capacity {
  readonly known: boolean;
  readonly unit: string;
  /** Places that are neither taken nor held. */
  readonly free?: number;
  readonly maximum?: number;
  /** People on the waiting list. */
  readonly waiting?: number;
  /** RFC 3339, UTC. */
  readonly updated: string;
}

export interface PublishedProfile {
  /** JSON as it was published (`service-profile` of the protocol); null where none was. */
  readonly profile: string | null;
  /** RFC 3339, UTC. */
  readonly published: string | null;
  readonly capacity: Capacity | null;
}

/** What services say of themselves. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly database: Database,
    private readonly charter: CharterService,
    private readonly registry: RegistryService,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * Replaces the profile of a service of the caller's own organisation, whole.
   * @throws DomainError not_found, input_invalid, in_progress
   */
  async publish(
    by: DevicePrincipal,
    call: IdempotentCall,
    { id, text }: { readonly id: string; readonly text: string },
  ): Promise<{ published: string }> {
    const names = await this.namesOf(id, by.organisation);
    const profile = await this.judge(id, text);
    const [keys, hours] = [keysOf(profile, names), JSON.stringify(profile.hours)];
    const { organisation } = by;
    const values = { service: id, organisation, profile: text, keys, area: profile.area, hours };
    const why = () => this.namesOf(id, organisation).then(() => undefined);
    return this.idempotency.decide(call, PUBLISH.with({ ...callValues(call), ...values }), why);
  }

  /** @throws DomainError not_found */
  async get(id: string): Promise<PublishedProfile> {
    const query = FIND_PROFILE.with({ staleHours: CAPACITY_STALE_HOURS, service: id });
    const { rows } = await this.database.app.query<PublishedProfile>(query);
    if (!rows[0]) throw new DomainError('not_found');
    return rows[0];
  }

  private async namesOf(id: string, organisation: string): Promise<string[]> {
    const query = NAMES.with({ service: id, organisation });
    const { rows } = await this.database.app.query<{ name: string; organisationName: string }>(query);
    if (!rows[0]) throw new DomainError('not_found');
    return [rows[0].name, rows[0].organisationName];
  }

  /**
   * The coordinator controls every byte; the charter says what may be asked for, and nobody has checked in
   * the future.
   */
  private async judge(id: string, text: string): Promise<ServiceProfile> {
    const { refusedFields } = await this.charter.inForce(this.database.app);
    const today = await this.registry.today(this.database.app);
    try {
      const profile = parseProfile(text);
      requireDeclarable(profile, id, refusedFields);
      requirePlainText(ServiceProfile, profile);
      if (profile.lastChecked.on > today) refuse('dates', '/lastChecked/on');
      return profile;
    } catch (error) {
      throw error instanceof Refused ? error.of(text) : error;
    }
  }
}
