import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../common/access/index.js';
import { DomainError } from '../common/errors/index.js';
import { DOCUMENTS } from './documents.js';
import { HandoffFieldsAnswer, NoticesAnswer, SchemasAnswer, TaxonomyAnswer } from './reference.dto.js';

const OBJECT = { schema: { type: 'object', additionalProperties: true } } as const;

/** What the protocol's texts and lists are, so that nobody has to look for them in this server's source. */
@ApiTags('reference')
@ApiExtraModels(NoticesAnswer, TaxonomyAnswer, HandoffFieldsAnswer, SchemasAnswer)
@Controller('v1')
export class ReferenceController {
  /** The notices that come with this software, and their languages. */
  @Get('notices')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: NoticesAnswer })
  notices(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, 'notices');
  }

  /** A notice's words, to be read out before a person decides: the bytes whose SHA-256 the charter names. */
  @Get('notices/:notice/:language')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  notice(
    @Param('notice') notice: string,
    @Param('language') language: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    send(request, reply, `notices/${notice}/${language}`);
  }

  /** The types of service, with names. */
  @Get('taxonomy')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: TaxonomyAnswer })
  taxonomy(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, 'taxonomy');
  }

  /**
   * The fields of a handoff, and those that none may carry unless the charter makes an exception for the
   * receiving service.
   */
  @Get('handoff-fields')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HandoffFieldsAnswer })
  fields(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, 'handoff-fields');
  }

  /** The closed lists of coded reasons and outcomes, with names. */
  @Get('reason-codes')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'application/json': OBJECT } })
  reasons(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, 'reason-codes');
  }

  /** The states of a referral: who may do what, from where, and what that needs. */
  @Get('state-machine')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'application/json': OBJECT } })
  machine(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, 'state-machine');
  }

  /**
   * Names of the JSON Schemas: payloads of the signed objects, sealed records, charter and service profile.
   */
  @Get('schemas')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: SchemasAnswer })
  schemas(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, 'schemas');
  }

  /**
   * A JSON Schema (2020-12). What it cannot say, of bytes and of members beside each other,
   * docs/protocol/README.md does.
   */
  @Get('schemas/:name')
  @Access({ principal: 'public' })
  @ApiOkResponse({ content: { 'application/json': OBJECT } })
  schema(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(request, reply, `schemas/${name}`);
  }
}

/**
 * Whoever has it already is told so; it changes with the software, so it is asked for again after an hour.
 */
function send({ headers }: FastifyRequest, reply: FastifyReply, path: string): void {
  const found = DOCUMENTS.get(path);
  if (!found) throw new DomainError('not_found');
  const { type, text, etag } = found;
  void reply.headers({ 'cache-control': 'public, max-age=3600', etag });
  const tags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes(etag) || tags.includes('*')) void reply.status(304).send();
  else void reply.type(type).send(text);
}
