import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiProperty, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../common/access/index.js';
import { DomainError, ERROR_CODES, titleOf, type ErrorCode } from '../common/errors/index.js';
import { problemPage } from './problem.page.js';
import { REMEDIES } from './remedies.js';

/** A text in the three languages of the network's pages. */
class TextAnswer {
  readonly fr!: string;
  readonly nl!: string;
  readonly en!: string;
}

/** A code of the closed list, for people. */
class ProblemTypeAnswer {
  @ApiProperty({ enum: ERROR_CODES.map((code) => `/problems/${code}`) })
  readonly type!: string;

  readonly status!: number;
  readonly title!: string;
  readonly cause!: TextAnswer;
  readonly remedy!: TextAnswer;
}

/** What the `type` of a problem points to: why one is told so, and what helps. */
@ApiTags('problems')
@ApiExtraModels(ProblemTypeAnswer)
@Controller('problems')
export class ProblemsController {
  /** Cause and remedy of a problem: a page for a browser, JSON for everybody else. */
  @Get(':code')
  @Access({ principal: 'public' })
  @ApiOkResponse({
    description: 'Cause and remedy, in French, Dutch and English.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ProblemTypeAnswer) } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  show(@Param('code') name: string, @Req() { headers }: FastifyRequest, @Res() reply: FastifyReply): void {
    const code = ERROR_CODES.find((known) => known === name);
    if (code === undefined) throw new DomainError('not_found');
    void reply.headers({ 'cache-control': 'public, max-age=3600', vary: 'accept' });
    if (/\btext\/html\b/.test(headers.accept ?? ''))
      void reply.type('text/html; charset=utf-8').send(problemPage(answerOf(code)));
    else void reply.type('application/json; charset=utf-8').send(JSON.stringify(answerOf(code)));
  }
}

function answerOf(code: ErrorCode): ProblemTypeAnswer {
  const { fr, nl, en } = REMEDIES[code];
  const textsOf = (part: 'cause' | 'remedy'): TextAnswer => ({ fr: fr[part], nl: nl[part], en: en[part] });
  return { type: `/problems/${code}`, ...titleOf(code), cause: textsOf('cause'), remedy: textsOf('remedy') };
}
