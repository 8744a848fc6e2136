import { readFileSync } from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { documentationPage, STYLE } from './documentation.page.js';

/**
 * Made by `npm run openapi`, held to the code by `npm run openapi:check`; the build lays a copy beside the
 * program.
 */
const FILE = new URL('../../openapi.json', import.meta.url);

/** `/v1/openapi.json`, and `/docs` as a page without scripts. */
export function addDocumentation(app: INestApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  // whoever never asks waits for neither
  const document = once(() => JSON.parse(readFileSync(FILE, 'utf8')) as OpenAPIObject);
  const page = once(() => documentationPage(document()));
  fastify.get('/v1/openapi.json', (_, reply) =>
    reply.type('application/json').send(JSON.stringify(document())),
  );
  fastify.get('/docs', (_, reply) => reply.type('text/html; charset=utf-8').send(page()));
  fastify.get('/docs/style.css', (_, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
