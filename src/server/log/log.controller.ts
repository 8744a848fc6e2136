import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import { Database } from '../../database/index.js';
import { Access } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import type { LogKind } from './heads.js';
import { LogService } from './log.service.js';
import { PublishedLog } from './published.js';

const PLAIN = 'text/plain; charset=utf-8';
const BINARY = 'application/octet-stream';

export class LogParams {
  @IsIn(['consent', 'registry'])
  kind!: LogKind;

  @Matches(/^[2-9][0-9]{3}$/)
  year!: string;
}

export class TileParams extends LogParams {
  @Matches(/^[0-9a-z/.]{1,64}$/)
  path!: string;
}

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
  @Header('content-type', PLAIN)
  @Header('cache-control', 'no-cache')
  @ApiOkResponse({ content: { [PLAIN]: { schema: { type: 'string' } } } })
  async checkpoint(@Param() { kind, year }: LogParams): Promise<string> {
    return found(await this.published.checkpoint({ kind, year: Number(year) }));
  }

  /** Whose signatures make a checkpoint believable (C2SP tlog-policy); the same text for both logs. */
  @Get('policy')
  @Access({ principal: 'public' })
  @Header('content-type', PLAIN)
  @Header('cache-control', 'no-cache')
  @ApiOkResponse({ content: { [PLAIN]: { schema: { type: 'string' } } } })
  policy(@Param() { kind, year }: LogParams): string {
    const isOpen = this.log.identity[kind].year === Number(year);
    return found(isOpen ? this.log.identity.policy : undefined);
  }

  /** A tile, `‹L›/‹N›[.p/‹W›]`, or an entry bundle, `entries/‹N›[.p/‹W›]`; nothing beyond the published size. */
  @Get('tile/*path')
  @Access({ principal: 'public' })
  @Header('content-type', BINARY)
  @Header('cache-control', 'public, max-age=31536000, immutable')
  @ApiParam({ name: 'path', type: String })
  @ApiOkResponse({ content: { [BINARY]: { schema: { type: 'string', format: 'binary' } } } })
  async tile(@Param() { kind, year, path }: TileParams): Promise<Uint8Array> {
    return found(await this.published.tile({ kind, year: Number(year) }, path));
  }
}

function found<T>(published: T | undefined): T {
  if (published === undefined) throw new DomainError('not_found');
  return published;
}
