import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { ProblemAnswer } from './common/errors/index.js';
import { documentationPage, STYLE } from './documentation.page.js';

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The OpenAPI 3.1 document of the API, from the controllers and their bodies. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Relais')
    .setVersion('1')
    .setDescription(
      'Consented referrals between associations. docs/protocol.md says what is inside the signed and sealed texts.',
    )
    .setLicense('EUPL-1.2', 'https://joinup.ec.europa.eu/collection/eupl')
    .addSecurity('token', {
      type: 'http',
      scheme: 'DPoP',
      description: 'Access token of five minutes, from POST /v1/token (RFC 9449).',
    })
    .addSecurity('proof', {
      type: 'apiKey',
      in: 'header',
      name: 'DPoP',
      description:
        'Proof of the key for this very request, with the server’s nonce; with a token also `ath`. Alone, by the key of a code.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, builder, { extraModels: [ProblemAnswer] });
  for (const operation of operationsOf(document)) addRefusals(operation);
  return document;
}

function operationsOf({ paths }: OpenAPIObject): OperationObject[] {
  return Object.values(paths).flatMap((path) => Object.values(path as Record<string, OperationObject>));
}

/** What every route can answer, whatever it is asked: a refusal, or that this machine has a fault. */
function addRefusals({ responses }: OperationObject): void {
  const content = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemAnswer) } } };
  const retry = {
    'Retry-After': {
      description: 'Seconds; with 409 in_progress, 429 and 503.',
      schema: { type: 'integer' },
    },
    'DPoP-Nonce': { description: 'For the next proof.', schema: { type: 'string' } },
  } as const;
  responses['4XX'] ??= { description: 'Refused.', headers: retry, content };
  responses['5XX'] ??= {
    description: 'A fault of the machine: send the same again.',
    headers: retry,
    content,
  };
}

/** `/v1/openapi.json`, and `/docs` as a page without scripts. */
export function addDocumentation(app: INestApplication): void {
  const document = openApiDocument(app);
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  const page = documentationPage(document);
  fastify.get('/v1/openapi.json', (_, reply) =>
    reply.type('application/json').send(JSON.stringify(document)),
  );
  fastify.get('/docs', (_, reply) => reply.type('text/html; charset=utf-8').send(page));
  fastify.get('/docs/style.css', (_, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
}
