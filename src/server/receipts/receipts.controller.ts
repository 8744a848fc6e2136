import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Database, transaction } from '../../database/index.js';
import { Access, CurrentPrincipal, type CodePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { IsPart } from '../common/validation/index.js';
import { LogService } from '../log/index.js';
import { StatementDto, WithdrawAct } from '../referrals/index.js';
import withdrawalExample from './examples/withdrawal.json' with { type: 'json' };

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

type ReceiptRow = Omit<ReceiptAnswer, 'log'>;

const STATUS = {
  name: 'receipt-status',
  text: `SELECT r.status, r.status_reason AS "statusReason", r.word_needed AS "wordNeeded", r.consent, r.id AS referral,
      rtrim(translate(encode(r.given_hash, 'base64'), '+/', '-_'), '=') AS prev, domain_today() AS today
    FROM referral r WHERE r.person_kid = $1`,
};

/** The person's door: a code, no account. */
@ApiTags('receipts')
@Controller('v1')
export class ReceiptsController {
  constructor(
    private readonly database: Database,
    private readonly log: LogService,
    private readonly withdrawals: WithdrawAct,
  ) {}

  /** What the paper alone shows: where it stands, and all that a withdrawal needs. Proof: DPoP by the code's sign key. */
  @Get('receipt')
  @Access({ principal: 'code' })
  async status(@CurrentPrincipal() { kid }: CodePrincipal): Promise<ReceiptAnswer> {
    const { rows } = await this.database.app.query<ReceiptRow>({ ...STATUS, values: [kid] });
    if (!rows[0]) throw new DomainError('not_found');
    return { ...rows[0], log: this.log.identity.consent.name };
  }

  /** Takes the consent back. The signature is the proof; saying it again changes nothing. */
  @Post('receipts/withdrawals')
  @ApiBody({ type: WithdrawalDto, examples: { complete: { value: withdrawalExample } } })
  @Access({ principal: 'public' })
  @HttpCode(200)
  async withdraw(@Body() { statement }: WithdrawalDto): Promise<WithdrawalAnswer> {
    const { referral, status, statusReason } = await transaction(this.database.app, (tx) =>
      this.withdrawals.byPerson(tx, statement),
    );
    return { referral, status, statusReason };
  }
}
