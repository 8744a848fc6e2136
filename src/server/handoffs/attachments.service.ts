import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { Database, type Bound } from '../../database/index.js';
import { ATTACHMENT_BYTES, ATTACHMENTS } from '../../protocol/envelope/attachment.js';
import { fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import { isAttachmentLength } from '../../protocol/envelope/envelope.js';
import { readKidOf, type DevicePrincipal, type Reader } from '../common/access/index.js';
import { DomainError, type ErrorCode } from '../common/errors/index.js';
import { callValues, Idempotency, untilDecided, type IdempotentCall } from '../common/http/index.js';
import type {
  AttachmentAnswer,
  AttachmentDto,
  PartAnswer,
  PartDto,
  PartTakenAnswer,
} from './attachments.dto.js';
import { BEGIN, BEGIN_WHY, QUEUE, READ_PART, SHOW, TAKE_PART, WHY } from './attachments.sql.js';

/**
 * Sealed files, uploaded before the referral that they belong to is sent, and gone with its handoff. One part
 * at a time is in memory, both ways.
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
    if (!isAttachmentLength(wanted.size, ATTACHMENT_BYTES))
      throw new DomainError('input_invalid', { pointer: '/size' });
    const { attachment, referral, service, size } = wanted;
    return this.idempotency.run(call, async (tx) => {
      const { organisation } = by;
      await tx.query(QUEUE.with({ organisation }));
      const values = { attachment, referral, service, size, organisation, most: ATTACHMENTS };
      const begun = async () => ((await tx.query(BEGIN.with(values))).rows.length === 1 ? true : undefined);
      await untilDecided(begun, async () => {
        const { rows } = await tx.query<{ code: ErrorCode | null }>(BEGIN_WHY.with(values));
        return rows[0]?.code ?? undefined;
      });
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
    const values = { attachment, services: by.services, number: part.number, bytes };
    const act = TAKE_PART.with({ ...callValues(call), ...values });
    return this.idempotency.decide<PartTakenAnswer>(call, act, () => this.why(WHY.with(values)));
  }

  private async why(query: Bound<'attachment-why'>): Promise<ErrorCode | undefined> {
    const { rows } = await this.database.app.query<{ code: ErrorCode | null }>(query);
    return rows[0] ? (rows[0].code ?? undefined) : 'not_found';
  }

  async show(by: Reader, attachment: string): Promise<AttachmentAnswer> {
    return this.find(this.database.app, by, attachment);
  }

  async part(by: Reader, attachment: string, number: number): Promise<PartAnswer> {
    const { rows } = await this.database.app.query<{ bytes: Buffer }>(
      READ_PART.with({ attachment, services: by.services, readKid: readKidOf(by), number }),
    );
    if (!rows[0]) throw new DomainError('not_found');
    return { bytes: toBase64url(rows[0].bytes) };
  }

  private async find(
    tx: Pick<PoolClient, 'query'>,
    by: Reader,
    attachment: string,
  ): Promise<AttachmentAnswer> {
    const { rows } = await tx.query<AttachmentAnswer>(
      SHOW.with({ attachment, services: by.services, readKid: readKidOf(by) }),
    );
    if (!rows[0]) throw new DomainError('not_found');
    return rows[0];
  }
}
