import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { isId } from '../../protocol/encoding/bytes.js';
import { findTransition } from '../../protocol/referral/state-machine.js';
import { Access, CurrentPrincipal, type DevicePrincipal } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { Idempotency, Idempotent, type IdempotentCall } from '../common/http/index.js';
import { AcknowledgeAct } from './acts/acknowledge.js';
import { HandoffAnswer, ProofsAnswer, ReferralAnswer, ReferralPageAnswer } from './reading/answers.dto.js';
import { CarryOverDto } from './acts/carry.dto.js';
import { CarryAct } from './acts/carry.js';
import acknowledgeExample from './examples/acknowledge.json' with { type: 'json' };
import redirectExample from './examples/redirect.json' with { type: 'json' };
import renewExample from './examples/renew.json' with { type: 'json' };
import voidExample from './examples/void.json' with { type: 'json' };
import sendExample from './examples/send.json' with { type: 'json' };
import { NoteAct } from './acts/notes.js';
import { ListQuery, ProofsQuery } from './reading/read.dto.js';
import { ReferralReader } from './reading/read.js';
import { RenewAct } from './acts/renew.js';
import type { StatementDto } from './common/statement.dto.js';
import { SendDto } from './sending/send.dto.js';
import { SendAct } from './sending/send.js';
import { TransitionDto } from './acts/transition.dto.js';
import { TransitionAct } from './acts/transition.js';
import { VoidAct } from './acts/void.js';
import { WithdrawAct } from './erasing/withdraw.js';

/** One complete body of every kind of act. */
const TRANSITION_EXAMPLES = {
  acknowledge: { value: acknowledgeExample },
  accept: { value: { event: 'accept' } },
  decline: { value: { event: 'decline', statusReason: 'no-capacity' } },
  hold: { value: { event: 'hold', statusReason: 'waitlisted', reviewOn: '2026-12-15' } },
  complete: { value: { event: 'complete', outcome: 'service-provided' } },
  recall: { value: { event: 'recall', statusReason: 'need-met-elsewhere' } },
  redirect: { value: redirectExample },
  return: { value: { event: 'return' } },
  release: { value: { event: 'release' } },
  appointment: { value: { event: 'business-status', businessStatus: 'appointment-set' } },
  void: { value: voidExample },
  renew: { value: renewExample },
};

@ApiTags('referrals')
@Controller('v1/referrals')
export class ReferralsController {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly sends: SendAct,
    private readonly acknowledgements: AcknowledgeAct,
    private readonly transitions: TransitionAct,
    private readonly notes: NoteAct,
    private readonly voids: VoidAct,
    private readonly renewals: RenewAct,
    private readonly carries: CarryAct,
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

  /**
   * The consent's statements with proofs of inclusion; 202 until they have them: provisional ones after about
   * two seconds.
   */
  @Get(':id/proofs')
  @ApiOkResponse({ type: ProofsAnswer })
  @ApiAcceptedResponse({ description: 'Not yet in the log: ask again.' })
  @Access({ principal: 'device' })
  async proofs(
    @CurrentPrincipal() by: DevicePrincipal,
    @Param('id') id: string,
    @Query() { from, degree }: ProofsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProofsAnswer | undefined> {
    const proven = await this.reader.proofs(by, requireId(id), { from: BigInt(from), degree });
    if (proven) return proven;
    void reply.status(202).header('retry-after', 1);
    return undefined;
  }

  /**
   * Takes a service's content key, carried over by the service to a later epoch of its own. Doing it again
   * replaces it.
   */
  @Post(':id/carried-over')
  @Access({ principal: 'device' })
  @HttpCode(200)
  async carryOver(
    @CurrentPrincipal() by: DevicePrincipal,
    @Idempotent() call: IdempotentCall,
    @Param('id') id: string,
    @Body() body: CarryOverDto,
  ): Promise<ReferralAnswer> {
    return this.carries.run(by, call, requireId(id), body);
  }

  /**
   * Moves a referral on, or says something of it: which events there are, who may, and from where, the state
   * machine says.
   */
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
    switch (body.event) {
      case 'acknowledge':
        return this.acknowledgements.run(by, call, referral, requireStatement(body));
      case 'withdraw-consent':
        return this.idempotency.run(call, (tx) =>
          this.withdrawals.onWord(tx, by, referral, requireStatement(body)),
        );
      case 'void':
        return this.voids.run(by, call, referral, { statement: requireStatement(body), act: body });
      case 'renew-consent':
        return this.renewals.run(by, call, referral, requireStatement(body));
      default:
        return changesState(body.event)
          ? this.transitions.run(by, call, referral, body)
          : this.notes.run(by, call, referral, body);
    }
  }
}

function changesState(event: string): boolean {
  return findTransition(event)?.to !== null;
}

function requireStatement({ statements }: TransitionDto): StatementDto {
  const [statement] = statements ?? [];
  if (!statement) throw new DomainError('statement_invalid', { pointer: '/statements/0', detail: 'missing' });
  return statement;
}

/** What is no id names nothing. */
export function requireId(id: string): string {
  if (!isId(id)) throw new DomainError('not_found');
  return id;
}
