import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { CosignaturesDto, CosignedAnswer, LogParams, TileParams } from './log.dto.js';
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

  /** The last published checkpoint that its witnesses have seen: a signed note with their cosignatures. */
  @Get('checkpoint')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async checkpoint(@Param() { kind, year }: LogParams, @Res() reply: FastifyReply): Promise<void> {
    send(reply, NOTE, await this.published.checkpoint({ kind, year: Number(year) }));
  }

  /**
   * The last published checkpoint of all, with the cosignatures that it has so far: for witnesses that come
   * for it.
   */
  @Get('cosignatures')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async newest(@Param() { kind, year }: LogParams, @Res() reply: FastifyReply): Promise<void> {
    send(reply, NOTE, await this.published.newest({ kind, year: Number(year) }));
  }

  /**
   * A witness's cosignatures of a published checkpoint (C2SP tlog-cosignature); lines by anybody else are
   * passed over.
   */
  @Post('cosignatures')
  @HttpCode(200)
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: CosignedAnswer })
  async cosign(
    @Param() { kind, year }: LogParams,
    @Body() { size, cosignatures }: CosignaturesDto,
  ): Promise<CosignedAnswer> {
    const witnessed = await this.log.cosignatures.add(
      { kind, year: Number(year) },
      BigInt(size),
      cosignatures,
    );
    if (witnessed === undefined) throw new DomainError('not_found');
    return { witnessed };
  }

  /** Whose signatures make the published checkpoint believable (C2SP tlog-policy), as the registry says. */
  @Get('policy')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async policy(@Param() { kind, year }: LogParams, @Res() reply: FastifyReply): Promise<void> {
    const size = await this.published.anchored({ kind, year: Number(year) });
    send(
      reply,
      NOTE,
      size === undefined ? undefined : await this.log.cosignatures.policy(Number(year), size),
    );
  }

  /**
   * A tile, `‹L›/‹N›[.p/‹W›]`, or an entry bundle, `entries/‹N›[.p/‹W›]`; nothing beyond the published size.
   * Not in the OpenAPI document, which knows no parameter over several segments: C2SP tlog-tiles describes
   * it.
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
