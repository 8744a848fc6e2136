import { Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import type { DevicePrincipal } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { SealedTexts } from '../sealed-texts.js';
import type { ListedMailNoticeAnswer, MailNoticeDto } from './mail-notices.dto.js';
import { LIST, REGISTER, REMOVE } from './mail.sql.js';

type NoticeRow = Omit<ListedMailNoticeAnswer, 'address'> & { readonly address: Buffer };

/** Which mailbox of an organisation is told that something is new; one for each service. */
@Injectable()
export class MailNoticesService {
  constructor(private readonly texts: SealedTexts) {}

  /** @throws DomainError not_found */
  async register(
    tx: PoolClient,
    by: DevicePrincipal,
    { service, address, language }: MailNoticeDto,
  ): Promise<void> {
    const sealed = this.texts.seal(address, `mail ${service}`);
    const { rowCount } = await tx.query(
      REGISTER.with({ service, address: sealed, language, organisation: by.organisation }),
    );
    if (rowCount !== 1) throw new DomainError('not_found');
  }

  async list(
    db: Pool,
    by: DevicePrincipal,
    page: { after: string; limit: number },
  ): Promise<ListedMailNoticeAnswer[]> {
    const { rows } = await db.query<NoticeRow>(
      LIST.with({ organisation: by.organisation, after: page.after, limit: page.limit }),
    );
    return rows.map(({ service, address, language }) => ({
      service,
      address: this.texts.read(address, `mail ${service}`) ?? '',
      language,
    }));
  }

  /** @throws DomainError not_found */
  async remove(tx: PoolClient, by: DevicePrincipal, service: string): Promise<void> {
    const { rowCount } = await tx.query(REMOVE.with({ service, organisation: by.organisation }));
    if (rowCount !== 1) throw new DomainError('not_found');
  }
}
