import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, CurrentPrincipal, personBy, type CodePrincipal } from '../common/access/index.js';
import {
  AttachmentAnswer,
  AttachmentParams,
  AttachmentsService,
  PartAnswer,
  PartParams,
} from '../handoffs/index.js';
import { HandoffAnswer, OwnReader, ProofsAnswer, ProofsQuery, ReferralReader } from '../referrals/index.js';
import { StoryAnswer } from './receipts.dto.js';

/**
 * What paper and word show: everything that the two services see, and where it stands. Proof: DPoP by the
 * read key.
 */
@ApiTags('receipts')
@Controller('v1/receipt')
export class ReadingController {
  constructor(
    private readonly own: OwnReader,
    private readonly reader: ReferralReader,
    private readonly files: AttachmentsService,
  ) {}

  /**
   * Where it stands, between whom, and every statement. It answers after a withdrawal too, as long as
   * anything is there.
   */
  @Get('story')
  @Access({ principal: 'code' })
  async story(@CurrentPrincipal() by: CodePrincipal): Promise<StoryAnswer> {
    return this.own.story(personBy(by));
  }

  /** The sealed handoff with the wrap for the person. */
  @Get('handoff')
  @Access({ principal: 'code' })
  async handoff(@CurrentPrincipal() by: CodePrincipal): Promise<HandoffAnswer> {
    const person = personBy(by);
    return this.reader.handoff(person, await this.own.find(person));
  }

  /**
   * The statements with proofs of inclusion; 202 until they have them: provisional ones after about two
   * seconds.
   */
  @Get('proofs')
  @ApiOkResponse({ type: ProofsAnswer })
  @ApiAcceptedResponse({ description: 'Not yet in the log: ask again.' })
  @Access({ principal: 'code' })
  async proofs(
    @CurrentPrincipal() by: CodePrincipal,
    @Query() { from, degree }: ProofsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProofsAnswer | undefined> {
    const person = personBy(by);
    const proven = await this.reader.proofs(person, await this.own.find(person), {
      from: BigInt(from),
      degree,
    });
    if (proven) return proven;
    void reply.status(202).header('retry-after', 1);
    return undefined;
  }

  /** The length of a sealed file that the handoff names, and its parts. */
  @Get('attachments/:id')
  @Access({ principal: 'code' })
  async attachment(
    @CurrentPrincipal() by: CodePrincipal,
    @Param() { id }: AttachmentParams,
  ): Promise<AttachmentAnswer> {
    return this.files.show(personBy(by), id);
  }

  /** One part of a sealed file. */
  @Get('attachments/:id/parts/:number')
  @Access({ principal: 'code' })
  async part(
    @CurrentPrincipal() by: CodePrincipal,
    @Param() { id, number }: PartParams,
  ): Promise<PartAnswer> {
    return this.files.part(personBy(by), id, Number(number));
  }
}
