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

export class WithdrawalAnswer {
  readonly referral!: string;

  @ApiProperty({ example: 'cancelled' })
  readonly status!: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'consent-withdrawn' })
  readonly statusReason!: string | null;
}
