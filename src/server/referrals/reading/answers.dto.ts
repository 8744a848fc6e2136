import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { STATUSES } from '../../../protocol/referral/state-machine.js';
import type { Referral } from '../../../protocol/referral/state-machine.js';

const ID = '82135330-7dc3-e4c7-9759-59fef58b0c50';

/** A referral as the two services see it. */
export class ReferralAnswer implements Referral {
  @ApiProperty({ example: ID })
  readonly referral!: string;

  @ApiProperty({ enum: ['referral', 'transfer'] })
  readonly kind!: Referral['kind'];

  /** Service that sends. */
  @ApiProperty({ example: '59a70079-95c9-9c17-7065-7de09acbb54f' })
  readonly source!: string;

  /** Service that receives. */
  @ApiProperty({ example: '96b3d8d6-e4e1-6a11-a2d3-5c349b7d88f3' })
  readonly target!: string;

  /** Key id to which it is sealed for the receiving service, base64url. */
  readonly toKey!: string;

  @ApiProperty({ enum: ['routine', 'urgent', 'stat'] })
  readonly priority!: Referral['priority'];

  /** FHIR Task word. */
  @ApiProperty({ enum: STATUSES, example: 'requested' })
  readonly status!: Referral['status'];

  @ApiProperty({ type: 'string', nullable: true, example: null })
  readonly statusReason!: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  readonly outcome!: string | null;

  @ApiProperty({ type: 'string', format: 'date', nullable: true, example: null })
  readonly reviewOn!: string | null;

  /** To the hour while open, to the day once closed. */
  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:00:00Z' })
  readonly sentAt!: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, example: '2026-12-07T10:00:00Z' })
  readonly respondBy!: string | null;

  @ApiProperty({ example: 'c1a5f2a0-0000-4000-8000-1b3c5d7e9f00' })
  readonly consent!: string;

  @ApiProperty({ enum: ['released', 'received', 'withdrawn', 'invalidated'] })
  readonly consentState!: Referral['consentState'];

  /** Last day on which content may exist. */
  @ApiProperty({ format: 'date', example: '2027-02-28' })
  readonly keepUntil!: string;

  /** `info-requested`, or what was last said of an appointment; null once closed. */
  @ApiProperty({ type: 'string', nullable: true, example: null })
  readonly businessStatus!: string | null;

  /** Who answers for the person's way: the source until it has released a transfer. */
  @ApiProperty({ enum: ['source', 'target'] })
  readonly responsible!: 'source' | 'target';

  /** The answer is due within a day. */
  readonly dueSoon!: boolean;

  /** To the hour; null once closed. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, example: null })
  readonly remindedAt!: string | null;

  /** Of a declined referral: services that the receiving one proposes. */
  @ApiProperty({ type: [String], nullable: true, example: null })
  readonly redirectTo!: readonly string[] | null;

  /** Day on which the server erased the content. */
  @ApiProperty({ type: 'string', format: 'date', nullable: true, example: null })
  readonly erasedOn!: string | null;

  /** Who has said, signed and logged, to have erased their own copies. */
  @ApiProperty({ enum: ['source', 'target'], isArray: true, example: [] })
  readonly erasedBy!: readonly ('source' | 'target')[];
}

export class ReferralPageAnswer {
  @ApiProperty({ type: [ReferralAnswer] })
  readonly items!: readonly ReferralAnswer[];

  /** Cursor for `after`; absent on the last page. */
  @ApiPropertyOptional()
  readonly next?: string;
}

/** An envelope of kind 06. */
export class CarriedAnswer {
  readonly ctx!: string;

  readonly wrap!: string;

  readonly body!: string;
}

/** The sealed handoff for one recipient. */
export class HandoffAnswer {
  /** 1 receiver, 2 sender, 3 person. */
  @ApiProperty({ enum: [1, 2, 3] })
  readonly role!: number;

  readonly ctx!: string;

  /** The content key, sealed to this recipient; empty once it was carried over. */
  readonly wrap!: string;

  /** SHA-256 of every wrap, in the order of the context. */
  @ApiProperty({ type: [String] })
  readonly wrapHashes!: readonly string[];

  readonly body!: string;

  /** The person's X-Wing key. */
  readonly personBox!: string;

  /** The content key, carried over by this service to a later epoch. */
  @ApiPropertyOptional({ type: CarriedAnswer })
  readonly carried?: CarriedAnswer;
}

export class ProvenStatementAnswer {
  readonly jws!: string;

  /** C2SP tlog-proof, with the opening in its `extra` line. */
  readonly proof!: string;
}

export class ProofsAnswer {
  /** Signed note. */
  readonly checkpoint!: string;

  /** Standard base64; from the size that `from` named. */
  @ApiProperty({ type: [String] })
  readonly consistency!: readonly string[];

  @ApiProperty({ type: [ProvenStatementAnswer] })
  readonly statements!: readonly ProvenStatementAnswer[];
}
