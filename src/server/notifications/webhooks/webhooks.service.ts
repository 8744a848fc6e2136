import { Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { newId } from '../../../protocol/encoding/bytes.js';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { ServerSecret } from '../../common/http/index.js';
import { requireOutgoingUrl } from '../../common/outgoing/index.js';
import { Config } from '../../config/index.js';
import { SealedTexts } from '../sealed-texts.js';
import type { NewWebhookDto, WebhookAnswer } from './webhooks.dto.js';
import { shownKeys, webhookKeys } from './signature.js';
import { FIND_SERVICE, LIST, REGISTER, REMOVE } from './webhooks.sql.js';

const MOST_PER_SERVICE = 10;

interface WebhookRow extends Omit<WebhookAnswer, 'webhook' | 'url'> {
  readonly id: string;
  readonly url: Buffer;
}

/** Where an organisation's own software wants to be told. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly config: Config,
    private readonly texts: SealedTexts,
    private readonly secret: ServerSecret,
  ) {}

  /**
   * Kept as it was written. @throws DomainError input_invalid for an address that is not to be reached,
   * not_found, wrong_state where there are ten
   */
  async register(tx: PoolClient, by: DevicePrincipal, { service, url }: NewWebhookDto): Promise<string> {
    requireOutgoingUrl(url, this.config.webhookRanges);
    const id = newId();
    const { organisation } = by;
    const sealed = this.texts.seal(url, `webhook ${id}`);
    const register = { webhook: id, service, url: sealed, organisation, most: MOST_PER_SERVICE };
    const { rowCount } = await tx.query(REGISTER.with(register));
    if (rowCount === 1) return id;
    const { rows } = await tx.query(FIND_SERVICE.with({ service, organisation }));
    throw new DomainError(rows.length === 1 ? 'wrong_state' : 'not_found');
  }

  /** Derived anew, so that no answer that is kept for a repetition holds a secret. */
  keysOf(webhook: string): { secret: string; publicKey: string } {
    return shownKeys(webhookKeys(this.secret, webhook));
  }

  async list(
    db: Pool,
    by: DevicePrincipal,
    page: { after: string; limit: number },
  ): Promise<WebhookAnswer[]> {
    const { rows } = await db.query<WebhookRow>(
      LIST.with({ organisation: by.organisation, after: page.after, limit: page.limit }),
    );
    return rows.map(({ id, service, url, status, failedOn }) => ({
      webhook: id,
      service,
      url: this.texts.read(url, `webhook ${id}`) ?? '',
      status,
      failedOn,
    }));
  }

  /** @throws DomainError not_found */
  async remove(tx: PoolClient, by: DevicePrincipal, webhook: string): Promise<void> {
    const { rowCount } = await tx.query(REMOVE.with({ webhook, organisation: by.organisation }));
    if (rowCount !== 1) throw new DomainError('not_found');
  }
}
