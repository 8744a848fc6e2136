import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { TSchema } from 'typebox';
import { check, misfitOf } from '../../protocol/encoding/check.js';
import { parseStrict } from '../../protocol/encoding/json.js';
import { Refused } from '../../protocol/encoding/errors.js';
import type { Member } from './member.js';
import { AgentProblem, problemOf, type ProblemDocument } from './problems.js';
import { addRoutes } from './routes.js';
import type { IsAllowed } from './token.js';

/** A draft with every field at its longest is some 40 KiB; an import may be larger. */
const BODY_LIMIT = 1_500_000;
/** For a request to come in; what is asked may take longer. */
const ARRIVAL_MS = 15_000;

/**
 * The agent's HTTP: every request carries the token, whatever it asks for; bodies are parsed as strictly as
 * signed objects and have a schema each; answers and refusals repeat nothing that was sent, and nothing is
 * logged.
 */
export function makeApp(member: Member, isAllowed: IsAllowed): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: ARRIVAL_MS,
    http: { connectionsCheckingInterval: 1_000, headersTimeout: ARRIVAL_MS },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => send(reply as FastifyReply, problemOf(error)),
  });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    done(isAllowed(request.headers.authorization) ? undefined : new AgentProblem('unauthorised'));
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // no good answer before what it rests on is kept; a refusal may go out even where the disk is full
    if (isSaved(member) || reply.statusCode >= 400) done(null, payload);
    else done(new AgentProblem('fault'));
  });
  addStrictBodies(app);
  app.setValidatorCompiler(({ schema, httpPart }) => (value: unknown) => {
    const isRight = check(schema as TSchema, value);
    return isRight ? { value } : { error: misfit(schema, value, httpPart) };
  });
  app.setNotFoundHandler((_request, reply) => send(reply, problemOf(new AgentProblem('not_found'))));
  app.setErrorHandler((error, _request, reply) => send(reply, problemOf(error)));
  addRoutes(app, member);
  return app;
}

/** A member of the body by its JSON pointer, a parameter by its name; no value. */
function misfit(schema: TSchema, value: unknown, part = 'body'): AgentProblem {
  const pointer = misfitOf(schema, value);
  const detail = 'It has not the form that it has here.';
  const place = part === 'body' ? { pointer } : { parameter: pointer.slice(1) };
  return new AgentProblem('input_invalid', [{ ...place, detail }]);
}

function isSaved(member: Member): boolean {
  try {
    member.save();
    return true;
  } catch {
    return false;
  }
}

/** Only JSON, no encodings; what a parser would repair or overlook is refused. */
function addStrictBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      if (request.headers['content-encoding'] !== undefined)
        throw new AgentProblem('input_invalid', [{ header: 'Content-Encoding' }]);
      // many programs name the type of every request, whether it has a body or not
      done(null, body.length === 0 ? undefined : parseStrict(body));
    } catch (error) {
      done(error instanceof Refused ? notJson(error) : (error as Error));
    }
  });
}

function notJson({ pointer = '' }: Refused): AgentProblem {
  return new AgentProblem('input_invalid', [{ pointer, detail: 'It is no JSON that is taken here.' }]);
}

function send(reply: FastifyReply, problem: ProblemDocument): void {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  if (problem.status === 503) void reply.header('retry-after', '2');
  void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What Node's parser refuses never becomes a request. */
function refuseConnection(_error: Error, socket: Socket): void {
  const body = JSON.stringify(problemOf(new AgentProblem('input_invalid')));
  const head = 'HTTP/1.1 400 Refused\r\ncontent-type: application/problem+json\r\nconnection: close\r\n';
  if (socket.writable) socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  socket.destroy();
}
