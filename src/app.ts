import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { Database } from './database/index.js';
import { requireAccessRules } from './server/auth/require-access-rules.js';
import { refuseConnection, sendProblem } from './server/common/errors/index.js';
import { addOperationsLog, writeLine } from './server/common/http/operations-log.js';
import { addPersonsDoor } from './server/common/http/persons-door.js';
import { addRequestStage, isAnswered } from './server/common/http/request-stage.js';
import { addStrictBodies, BODY_LIMIT } from './server/common/http/strict-body.js';
import { Room } from './server/common/room.js';
import type { Config } from './server/config/index.js';
import { addDocumentation } from './server/documentation.js';
import { LogService } from './server/log/index.js';
import { refusalOf } from './server/refusals.js';
import { KnownReceipts } from './server/receipts/index.js';
import { addWebApp } from './server/web-app.js';

/**
 * The server with every stage in its place, not yet listening. Refuses where a route does not say who may
 * call it.
 */
export async function createApp(config: Config): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: ['loopback', ...config.proxies],
    requestTimeout: 15_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    // random, and never what a client calls its own request
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
    // Node looks for what has run out of time every 30 s by default, so ten seconds could be forty
    http: { connectionsCheckingInterval: 1000 },
    // before routing and before parsing there is no filter yet, and the framework's own answers repeat the
    // path
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      if (!isAnswered(request, reply)) sendProblem(reply, error);
      // it has come as far as no hook, and none of them writes its line
      writeLine({ request: request.id, status: reply.statusCode });
    },
    clientErrorHandler: refuseConnection,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config), adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  fastify.server.headersTimeout = 10_000;
  addStrictBodies(fastify);
  const { app: pool } = app.get(Database);
  const [log, room] = [app.get(LogService), app.get(Room)];
  addRequestStage(fastify, config.requestsPerMinute, {
    waiting: () => pool.waitingCount,
    refusal: (request) => refusalOf(request, { isBehind: log.isBehind, isTight: room.isTight }),
  });
  const receipts = app.get(KnownReceipts);
  addPersonsDoor(fastify, config.requestsPerMinute, (named) => receipts.has(named));
  fastify.addHook('onListen', (done) => {
    log.watchConnections();
    done();
  });
  addOperationsLog(fastify);
  requireAccessRules(app);
  addDocumentation(app);
  addWebApp(app);
  return app;
}
