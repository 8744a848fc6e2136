import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { LogParams, TileParams } from './log.dto.js';
import { LogService } from './log.service.js';
import { PublishedLog } from './published.js';

const PLAIN = 'text/plain; charset=utf-8';
const BINARY = 'application/octet-stream';

const NOTE = { 'content-type': PLAIN, 'cache-control': 'no-cache' };
const TILE = { 'content-type': BINARY, 'cache-control': 'public, max-age=31536000, immutable' };

/** The public logs, as C2SP tlog-tiles lays them out. */
@ApiTags('log')
@Controller('log/:kind/:year')
export class LogController {
  private readonly published: PublishedLog;

  constructor(
    database: Database,
    private readonly log: LogService,
  ) {
    this.published = new PublishedLog(database.app);
  }

  /** The last published checkpoint: a signed note. */
  @Get('checkpoint')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { [PLAIN]: { schema: { type: 'string' } } } })
  async checkpoint(@Param() { kind, year }: LogParams, @Res() reply: FastifyReply): Promise<void> {
    send(reply, NOTE, await this.published.checkpoint({ kind, year: Number(year) }));
  }

  /** Whose signatures make a checkpoint believable (C2SP tlog-policy); the same text for both logs. */
  @Get('policy')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { [PLAIN]: { schema: { type: 'string' } } } })
  policy(@Param() { kind, year }: LogParams, @Res() reply: FastifyReply): void {
    const isOpen = this.log.identity[kind].year === Number(year);
    send(reply, NOTE, isOpen ? this.log.identity.policy : undefined);
  }

  /**
   * A tile, `‹L›/‹N›[.p/‹W›]`, or an entry bundle, `entries/‹N›[.p/‹W›]`; nothing beyond the published size. Not in the
   * OpenAPI document, which knows no parameter over several segments: C2SP tlog-tiles describes it.
   */
  @Get('tile/*')
  @Access({ principal: 'public' })
  @ApiExcludeEndpoint()
  async tile(@Param() { kind, year, '*': path }: TileParams, @Res() reply: FastifyReply): Promise<void> {
    send(reply, TILE, await this.published.tile({ kind, year: Number(year) }, path));
  }
}

/** Headers only on what is there: an answer that nothing is there must not be kept as if it were a tile. */
function send(reply: FastifyReply, headers: typeof NOTE, content: string | Uint8Array | undefined): void {
  if (content === undefined) throw new DomainError('not_found');
  void reply.headers(headers).send(content);
}
