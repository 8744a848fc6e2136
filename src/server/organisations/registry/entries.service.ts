import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { checkText } from '../../../protocol/encoding/errors.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { refusedAsInvalid } from '../refused.js';
import {
  requireCoordinatorLeft,
  requireCurrentSigner,
  requireNotice,
  requireOwnEntry,
  requirePlainName,
} from './entries.rules.js';
import { RegistryService } from './registry.service.js';

/**
 * What a coordinator adds to the registry between votes: its own organisation's keys, and its word on
 * agreements.
 */
@Injectable()
export class EntriesService {
  constructor(private readonly registry: RegistryService) {}

  /**
   * All entries or none; answers their indexes. @throws DomainError statement_invalid, second_device_required
   */
  async append(tx: PoolClient, by: DevicePrincipal, entries: readonly string[]): Promise<number[]> {
    await this.registry.lock(tx);
    const before = await this.registry.current(tx);
    const today = await this.registry.today(tx);
    return refusedAsInvalid(async () => {
      for (const entry of entries)
        checkText(entry, () => {
          requireOwnEntry(entry, by.organisation, before);
          requireNotice(before, entry, today);
          requirePlainName(entry, before);
        });
      const { registry, indexes } = await this.registry.append(tx, before, entries);
      for (const entry of entries) checkText(entry, () => requireCurrentSigner(registry, entry, today));
      requireCoordinatorLeft(before, registry, { organisation: by.organisation, today });
      return indexes.map(Number);
    });
  }
}
