import { ApiProperty } from '@nestjs/swagger';
import { IsPart } from '../common/validation/index.js';
import { StatementDto } from '../referrals/index.js';

/** consent.withdrawn, signed by the receipt code's key. */
export class WithdrawalDto {
  @IsPart(() => StatementDto)
  statement!: StatementDto;
}

/** Neutral: it names no service, so a found paper tells nobody where its holder went. */
export class ReceiptAnswer {
  @ApiProperty({ example: 'requested' })
  readonly status!: string;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  readonly statusReason!: string | null;

  /** Whether reading what was shared needs the person's word beside the paper. */
  readonly wordNeeded!: boolean;

  /** `log`, `consent`, `referral` and `prev` are what a withdrawal names. */
  readonly log!: string;

  readonly consent!: string;

  readonly referral!: string;

  readonly prev!: string;

  /** The server's date, for the withdrawal's `day`. */
  @ApiProperty({ format: 'date' })
  readonly today!: string;
}

/** consent.renewed, signed by the receipt code's key over the consent's head. */
export class RenewalDto {
  @IsPart(() => StatementDto)
  statement!: StatementDto;
}

export class RenewalAnswer {
  readonly referral!: string;

  @ApiProperty({ format: 'date' })
  readonly keepUntil!: string;
}

export class SecondAnswer {
  readonly referral!: string;

  /** The receipt's three seeds, sealed to the second code's box key. */
  readonly sealed!: string;
}

class NamedAnswer {
  readonly id!: string;

  readonly name!: string;
}

class PartyAnswer {
  readonly service!: NamedAnswer;

  readonly organisation!: NamedAnswer;

  /** Its present service-key+jws: messages are sealed to the key in it. Null while it has none. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly serviceKey!: string | null;
}

class ErasedAnswer {
  readonly source!: boolean;

  readonly target!: boolean;
}

/** Where it stands, between whom, and every signed statement: what the person's page tells them. */
export class StoryAnswer {
  readonly referral!: string;

  @ApiProperty({ enum: ['referral', 'transfer'] })
  readonly kind!: string;

  @ApiProperty({ example: 'received' })
  readonly status!: string;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  readonly statusReason!: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  readonly outcome!: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: 'appointment-set' })
  readonly businessStatus!: string | null;

  @ApiProperty({ format: 'date' })
  readonly keepUntil!: string;

  @ApiProperty({ format: 'date' })
  readonly today!: string;

  /** Whether anything of what was passed on is still there. */
  readonly contentKept!: boolean;

  /** The last day that the charter allows for a renewal said today; null where it cannot be renewed. */
  @ApiProperty({ type: 'string', format: 'date', nullable: true })
  readonly renewableUntil!: string | null;

  /** How it went has been said: once is all. */
  readonly feedbackGiven!: boolean;

  /** consent-statement+jws, in the order of the chain. */
  @ApiProperty({ type: [String] })
  readonly statements!: readonly string[];

  readonly log!: string;

  readonly source!: PartyAnswer;

  readonly target!: PartyAnswer;

  /** Which service has said, signed and logged, that nothing is left with it. */
  readonly erased!: ErasedAnswer;
}

export class WithdrawalAnswer {
  readonly referral!: string;

  @ApiProperty({ example: 'cancelled' })
  readonly status!: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'consent-withdrawn' })
  readonly statusReason!: string | null;
}
