import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database } from '../../database/index.js';
import { ATTACHMENT_BYTES, ATTACHMENTS } from '../../protocol/attachment.js';
import { fromBase64url, toBase64url } from '../../protocol/bytes.js';
import { isAttachmentLength } from '../../protocol/envelope.js';
import { readKidOf, type DevicePrincipal, type Reader } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { Idempotency, onceSql, type IdempotentCall } from '../common/http/index.js';
import type {
  AttachmentAnswer,
  AttachmentDto,
  PartAnswer,
  PartDto,
  PartTakenAnswer,
} from './attachments.dto.js';
import { BEGIN, QUEUE, READ_PART, SHOW, TAKE_PART, WHY } from './attachments.sql.js';

const PART = onceSql('attachment-part', TAKE_PART);

/**
 * Sealed files, uploaded before the referral that they belong to is sent, and gone with its handoff. One part at a time is
 * in memory, both ways.
 */
@Injectable()
export class AttachmentsService {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
  ) {}

  /** Begins an upload; the same one again is the one that was begun. */
  async begin(by: DevicePrincipal, call: IdempotentCall, wanted: AttachmentDto): Promise<AttachmentAnswer> {
    if (!by.services.includes(wanted.service)) throw new DomainError('not_found');
    if (!isAttachmentLength(wanted.size, ATTACHMENT_BYTES)) throw new DomainError('input_invalid');
    const { attachment, referral, service, size } = wanted;
    return this.idempotency.run(call, async (tx) => {
      await tx.query({ ...QUEUE, values: [by.organisation] });
      const values = [attachment, referral, service, size, by.organisation, ATTACHMENTS];
      const { rowCount } = await tx.query({ ...BEGIN, values });
      if (rowCount === 0) await this.explain(tx, by, wanted);
      return this.find(tx, by, attachment);
    });
  }

  /** Takes a part; the same one again changes nothing. */
  async take(
    by: DevicePrincipal,
    call: IdempotentCall,
    attachment: string,
    part: PartDto,
  ): Promise<PartTakenAnswer> {
    const bytes = fromBase64url(part.bytes);
    const values = [attachment, by.services, part.number, bytes];
    const answer = await this.idempotency.onceOrRecall<PartTakenAnswer>(call, PART, values);
    if (answer) return answer;
    const { rows } = await this.database.app.query<{ sent: boolean; fits: boolean }>({ ...WHY, values });
    if (!rows[0]) throw new DomainError('not_found');
    throw new DomainError(rows[0].sent || rows[0].fits ? 'wrong_state' : 'input_invalid');
  }

  async show(by: Reader, attachment: string): Promise<AttachmentAnswer> {
    return this.find(this.database.app, by, attachment);
  }

  async part(by: Reader, attachment: string, number: number): Promise<PartAnswer> {
    const values = [attachment, by.services, readKidOf(by), number];
    const { rows } = await this.database.app.query<{ bytes: Buffer }>({ ...READ_PART, values });
    if (!rows[0]) throw new DomainError('not_found');
    return { bytes: toBase64url(rows[0].bytes) };
  }

  private async find(
    tx: Pick<PoolClient, 'query'>,
    by: Reader,
    attachment: string,
  ): Promise<AttachmentAnswer> {
    const { rows } = await tx.query<AttachmentAnswer>({
      ...SHOW,
      values: [attachment, by.services, readKidOf(by)],
    });
    if (!rows[0]) throw new DomainError('not_found');
    return rows[0];
  }

  /** Nothing was begun: the upload is there already, the referral was sent or has its ten, or too much waits to be sent. */
  private async explain(
    tx: PoolClient,
    by: DevicePrincipal,
    { attachment, referral, size }: AttachmentDto,
  ): Promise<void> {
    const { rows } = await tx.query<{ id: string; size: number; sent: boolean }>(
      `SELECT a.id, a.size, EXISTS (SELECT FROM referral r WHERE r.id = $1) AS sent FROM attachment a
        WHERE a.referral = $1 AND a.service = ANY($2::uuid[])`,
      [referral, by.services],
    );
    const begun = rows.find(({ id }) => id === attachment);
    if (begun?.size === size) return;
    throw new DomainError(
      begun || rows.length >= ATTACHMENTS || rows[0]?.sent ? 'wrong_state' : 'rate_limited',
    );
  }
}
