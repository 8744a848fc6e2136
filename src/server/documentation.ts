import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { documentationPage, STYLE } from './documentation.page.js';

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
    .build();
  return SwaggerModule.createDocument(app, builder);
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
