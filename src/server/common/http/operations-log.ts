import type { FastifyInstance } from 'fastify';
import { newId } from '../../../protocol/bytes.js';

/** Lines are written together: writing to a pipe halts everything else meanwhile. */
const EVERY_MS = 100;
const BUCKETS_MS = [5, 20, 100, 500, 2000, 10_000];

/**
 * One line per request on stdout, of allow-listed fields only: route template, status, duration bucket, a random request
 * id. No path, no query, no header, no address: nothing that a client sent.
 */
export function addOperationsLog(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const bucket = BUCKETS_MS.find((limit) => reply.elapsedTime <= limit);
    const line = {
      at: new Date().toISOString().slice(0, 16),
      request: newId(),
      method: request.is404 ? '-' : request.method,
      route: request.routeOptions.url ?? '-',
      status: reply.statusCode,
      duration: bucket === undefined ? 'longer' : `≤ ${bucket} ms`,
    };
    write(JSON.stringify(line));
    done();
  });
  fastify.addHook('onClose', (_, done) => {
    flush();
    done();
  });
}

let waiting: string[] = [];

function write(line: string): void {
  if (waiting.push(line) === 1) setTimeout(flush, EVERY_MS);
}

function flush(): void {
  if (waiting.length === 0) return;
  process.stdout.write(`${waiting.join('\n')}\n`);
  waiting = [];
}
