import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Refused } from '../../../protocol/encoding/errors.js';
import { Damage, isDamage } from '../damage.js';
import { ANY_ORIGIN } from '../http/cross-origin.js';
import { writeLine } from '../http/operations-log.js';
import { DomainError, Unauthorised, type ErrorCode, type Place } from './domain-error.js';
import { placedErrors, placeOf } from './places.js';
import { problemOf, retryAfterOf } from './problem.js';

/**
 * Turns whatever was thrown into a problem document. Nothing of the exception but its code and places is told
 * or written down.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly damage: Damage) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    this.damage.note(exception);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (exception instanceof Unauthorised) challenge(reply, exception.error);
    sendProblem(reply, exception);
  }
}

export function sendProblem(reply: FastifyReply, exception: unknown): void {
  const { request } = reply;
  const code = codeOf(exception);
  const problem = problemOf(code, request.id, placedErrors(placesOf(exception), request.body));
  const retryAfter = retryAfterOf(code);
  if (retryAfter !== undefined && !reply.hasHeader('retry-after'))
    void reply.header('retry-after', retryAfter);
  if (code === 'unauthorised' && !reply.hasHeader('www-authenticate')) challenge(reply);
  void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** RFC 9449, section 7.1. */
function challenge(reply: FastifyReply, error?: Unauthorised['error']): void {
  const algs = 'algs="Ed25519 EdDSA ES256"';
  void reply.header(
    'www-authenticate',
    error === undefined ? `DPoP ${algs}` : `DPoP error="${error}", ${algs}`,
  );
}

/**
 * What Node's parser refuses never becomes a request: the same document, written to the connection itself.
 * Its address is not known; no page is shown so, and a script of another origin may read why it was refused.
 */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const request = randomUUID();
  const problem = problemOf(error.code === 'HPE_HEADER_OVERFLOW' ? 'too_large' : 'input_invalid', request);
  const body = JSON.stringify(problem);
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'request-id': request,
    ...ANY_ORIGIN,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  writeLine({ request, status: problem.status });
  if (socket.writable) socket.write(`HTTP/1.1 ${problem.status} Refused\r\n${lines.join('')}\r\n${body}`);
  socket.destroy();
}

/**
 * Errors of our own say their code; the framework's are the sender's fault; the rest are faults of this
 * machine.
 */
export function codeOf(exception: unknown): ErrorCode {
  if (exception instanceof DomainError) return exception.code;
  if (exception instanceof Refused) return 'input_invalid';
  const status = exception instanceof HttpException ? exception.getStatus() : statusOf(exception);
  if (status !== undefined) return codeOfStatus(status);
  if (isDamage(exception)) return 'damaged';
  return isDataError(exception) ? 'input_invalid' : 'overloaded';
}

function placesOf(exception: unknown): readonly Place[] {
  if (exception instanceof DomainError) return exception.places;
  if (exception instanceof Refused) return [placeOf(exception)];
  const { code } = (exception ?? {}) as { code?: unknown };
  return code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? [{ header: 'Content-Type', detail: 'form' }] : [];
}

/** SQLSTATE class 22: a value that PostgreSQL cannot hold. */
function isDataError(exception: unknown): boolean {
  const code = (exception as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code);
}

/** Fastify's own errors carry the status that they mean. */
function statusOf(exception: unknown): number | undefined {
  const { statusCode, code } = (exception ?? {}) as { statusCode?: unknown; code?: unknown };
  const isFastify = typeof code === 'string' && code.startsWith('FST_');
  return isFastify && typeof statusCode === 'number' ? statusCode : undefined;
}

function codeOfStatus(status: number): ErrorCode {
  const named: Readonly<Record<number, ErrorCode>> = {
    401: 'unauthorised',
    403: 'not_found',
    404: 'not_found',
    413: 'too_large',
  };
  return named[status] ?? (status < 500 ? 'input_invalid' : 'overloaded');
}
