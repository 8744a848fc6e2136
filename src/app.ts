import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { requireAccessRules } from './server/auth/require-access-rules.js';
import { addOperationsLog } from './server/common/http/operations-log.js';
import { addRequestStage } from './server/common/http/request-stage.js';
import { addStrictBodies, BODY_LIMIT } from './server/common/http/strict-body.js';
import type { Config } from './server/config/index.js';
import { addDocumentation } from './server/documentation.js';

/** The server with every stage in its place, not yet listening. Refuses where a route does not say who may call it. */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: ['loopback', ...config.proxies],
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config), adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  fastify.server.headersTimeout = 10_000;
  addStrictBodies(fastify);
  addRequestStage(fastify, config.requestsPerMinute);
  addOperationsLog(fastify);
  requireAccessRules(app);
  addDocumentation(app);
  return app;
}
