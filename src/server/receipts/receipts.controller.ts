import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Database, named, prepared, sql, transaction } from '../../database/index.js';
import { Access, CurrentPrincipal, type CodePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { LogService } from '../log/index.js';
import { OwnReader, WithdrawAct } from '../referrals/index.js';
import withdrawalExample from './examples/withdrawal.json' with { type: 'json' };
import { SecondAnswer, WithdrawalDto, type ReceiptAnswer, type WithdrawalAnswer } from './receipts.dto.js';

const v = named<{ kid: string }>();

type ReceiptRow = Omit<ReceiptAnswer, 'log'>;

const STATUS = prepared(
  'receipt-status',
  sql`SELECT r.status, r.status_reason AS "statusReason", r.word_needed AS "wordNeeded", r.consent, r.id AS referral,
      rtrim(translate(encode(r.given_hash, 'base64'), '+/', '-_'), '=') AS prev, greatest(domain_today(), r.last_day) AS today
    FROM referral r WHERE r.person_kid = ${v.kid}`,
);

/** The person's door: a code, no account. */
@ApiTags('receipts')
@Controller('v1')
export class ReceiptsController {
  constructor(
    private readonly database: Database,
    private readonly log: LogService,
    private readonly withdrawals: WithdrawAct,
    private readonly own: OwnReader,
  ) {}

  /**
   * What the paper alone shows: where it stands, and all that a withdrawal needs. Proof: DPoP by the code's
   * sign key.
   */
  @Get('receipt')
  @Access({ principal: 'code' })
  async status(@CurrentPrincipal() { kid }: CodePrincipal): Promise<ReceiptAnswer> {
    const { rows } = await this.database.app.query<ReceiptRow>(STATUS.with({ kid }));
    if (!rows[0]) throw new DomainError('not_found');
    return { ...rows[0], log: this.log.identity.consent.name };
  }

  /** What a second code opens: the receipt's own keys. Proof: DPoP by the second code's sign key. */
  @Get('receipt/second')
  @Access({ principal: 'code' })
  async second(@CurrentPrincipal() by: CodePrincipal): Promise<SecondAnswer> {
    return this.own.second(by);
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
