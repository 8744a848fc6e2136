import type { Socket } from 'node:net';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Refused } from '../../../protocol/errors.js';
import { DomainError, Unauthorised, type ErrorCode } from './domain-error.js';
import { problemOf, retryAfterOf } from './problem.js';

/** Turns whatever was thrown into a problem document. Nothing of the exception itself is told or written down. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (exception instanceof Unauthorised) challenge(reply, exception.error);
    sendProblem(reply, codeOf(exception));
  }
}

export function sendProblem(reply: FastifyReply, code: ErrorCode): void {
  const problem = problemOf(code);
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

/** What Node's parser refuses never becomes a request: the same document, written to the connection itself. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const problem = problemOf(error.code === 'HPE_HEADER_OVERFLOW' ? 'too_large' : 'input_invalid');
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: application/problem+json; charset=utf-8\r\n`;
  if (socket.writable)
    socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
  socket.destroy();
}

/** Errors of our own say their code; the framework's are the sender's fault; the rest are faults of this machine. */
export function codeOf(exception: unknown): ErrorCode {
  if (exception instanceof DomainError) return exception.code;
  if (exception instanceof Refused) return 'input_invalid';
  const status = exception instanceof HttpException ? exception.getStatus() : statusOf(exception);
  if (status !== undefined) return codeOfStatus(status);
  return isDataError(exception) ? 'input_invalid' : 'overloaded';
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
