import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { isId } from '../../protocol/bytes.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { Idempotency, Idempotent, type IdempotentCall } from '../common/http/index.js';
import { AcknowledgeAct } from './acknowledge.js';
import { HandoffAnswer, ProofsAnswer, ReferralAnswer, ReferralPageAnswer } from './answers.dto.js';
import acknowledgeExample from './examples/acknowledge.json' with { type: 'json' };
import sendExample from './examples/send.json' with { type: 'json' };
import { ListQuery, ProofsQuery } from './read.dto.js';
import { ReferralReader } from './read.js';
import { SendDto, type StatementDto } from './send.dto.js';
import { SendAct } from './send.js';
import { TransitionDto } from './transition.dto.js';
import { TransitionAct } from './transition.js';
import { WithdrawAct } from './withdraw.js';

/** One complete body of every kind of act. */
const TRANSITION_EXAMPLES = {
  acknowledge: { value: acknowledgeExample },
  accept: { value: { event: 'accept' } },
  decline: { value: { event: 'decline', statusReason: 'no-capacity' } },
  hold: { value: { event: 'hold', statusReason: 'waitlisted', reviewOn: '2026-12-15' } },
  complete: { value: { event: 'complete', outcome: 'service-provided' } },
  recall: { value: { event: 'recall', statusReason: 'need-met-elsewhere' } },
};

@ApiTags('referrals')
@Controller('v1/referrals')
export class ReferralsController {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly sends: SendAct,
    private readonly acknowledgements: AcknowledgeAct,
    private readonly transitions: TransitionAct,
    private readonly withdrawals: WithdrawAct,
    private readonly reader: ReferralReader,
  ) {}

  /** Sends a consented, sealed referral: one request, one transaction. */
  @Post()
  @Access({ principal: 'device' })
  @HttpCode(201)
  @ApiBody({ type: SendDto, examples: { complete: { value: sendExample } } })
  async send(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Body() body: SendDto,
  ): Promise<ReferralAnswer> {
    return this.sends.run(by, call, body);
  }

  /** Referrals to, or from, the device's services; newest first. */
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOkResponse({ type: ReferralPageAnswer })
  @Access({ principal: 'device' })
  async list(@CurrentPrincipal() by: DevicePrincipal, @Query() query: ListQuery): Promise<string> {
    return this.reader.list(by, query);
  }

  /** One referral: where it stands. */
  @Get(':id')
  @Access({ principal: 'device' })
  async get(@CurrentPrincipal() by: DevicePrincipal, @Param('id') id: string): Promise<ReferralAnswer> {
    return this.reader.get(by, requireId(id));
  }

  /** The sealed handoff; for the receiving service only after `acknowledge`. */
  @Get(':id/handoff')
  @Access({ principal: 'device' })
  async handoff(@CurrentPrincipal() by: DevicePrincipal, @Param('id') id: string): Promise<HandoffAnswer> {
    return this.reader.handoff(by, requireId(id));
  }

  /** The consent's statements with proofs of inclusion; 202 until the log has taken them (about two seconds). */
  @Get(':id/proofs')
  @ApiOkResponse({ type: ProofsAnswer })
  @ApiAcceptedResponse({ description: 'Not yet in the log: ask again.' })
  @Access({ principal: 'device' })
  async proofs(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param('id') id: string,
    @Query() { from }: ProofsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProofsAnswer | undefined> {
    const proven = await this.reader.proofs(by, requireId(id), BigInt(from));
    if (proven) return proven;
    void reply.status(202).header('retry-after', 1);
    return undefined;
  }

  /** Moves a referral on: acknowledge, accept, decline, start, hold, complete, fail, recall, withdraw-consent. */
  @Post(':id/transitions')
  @ApiBody({ type: TransitionDto, examples: TRANSITION_EXAMPLES })
  @Access({ principal: 'device' })
  @HttpCode(200)
  async act(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param('id') id: string,
    @Body() body: TransitionDto,
  ): Promise<ReferralAnswer> {
    const referral = requireId(id);
    if (body.event === 'acknowledge')
      return this.acknowledgements.run(by, call, referral, requireStatement(body));
    if (body.event === 'withdraw-consent')
      return this.idempotency.run(call, (tx) =>
        this.withdrawals.onWord(tx, by, referral, requireStatement(body)),
      );
    return this.transitions.run(by, call, referral, body);
  }
}

function requireStatement({ statements }: TransitionDto): StatementDto {
  const [statement] = statements ?? [];
  if (!statement) throw new DomainError('statement_invalid');
  return statement;
}

/** What is no id names nothing. */
export function requireId(id: string): string {
  if (!isId(id)) throw new DomainError('not_found');
  return id;
}
