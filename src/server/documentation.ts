import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { documentationPage, STYLE } from './documentation.page.js';

/** Every POST of a device: the same key and body get the same bytes again. */
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'The same key and body get the same answer for 72 hours.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
} as const;

/** The OpenAPI 3.1 document of the API, from the controllers and their bodies. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Relais')
    .setVersion('1')
    .setDescription(
      'Consented referrals between associations. docs/protocol.md says what is inside the signed and sealed texts, how a token is had (`POST /v1/token`, a form) and where the tiles of the logs lie.',
    )
    .addSecurity('device', {
      type: 'http',
      scheme: 'DPoP',
      description:
        'A token of `POST /v1/token`, and in the header `DPoP` a proof by the same key (docs/protocol.md, *Who asks*).',
    })
    .addSecurity('code', {
      type: 'apiKey',
      in: 'header',
      name: 'DPoP',
      description: 'A proof by the sign key of a receipt or an invitation; no token.',
    })
    .setLicense('EUPL-1.2', 'https://joinup.ec.europa.eu/collection/eupl')
    .build();
  return withIdempotencyKeys(SwaggerModule.createDocument(app, builder));
}

function withIdempotencyKeys(document: OpenAPIObject): OpenAPIObject {
  for (const { post } of Object.values(document.paths))
    if (post?.security?.some((scheme) => 'device' in scheme))
      post.parameters = [...(post.parameters ?? []), IDEMPOTENCY_KEY];
  return document;
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
