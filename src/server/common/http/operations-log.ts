import type { FastifyInstance } from 'fastify';

/** Lines are written together: writing to a pipe halts everything else meanwhile. */
const EVERY_MS = 100;
const BUCKETS_MS = [5, 20, 100, 500, 2000, 10_000];

/**
 * One line per request on stdout, of allow-listed fields only: route template, status, duration bucket, and
 * the random request id that its answer carries, so that who was refused can ask what happened. No path, no
 * query, no header, no address: nothing that a client sent.
 */
export function addOperationsLog(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const bucket = BUCKETS_MS.find((limit) => reply.elapsedTime <= limit);
    writeLine({
      request: request.id,
      method: request.is404 ? '-' : request.method,
      route: request.routeOptions.url ?? '-',
      status: reply.statusCode,
      duration: bucket === undefined ? 'longer' : `≤ ${bucket} ms`,
    });
    done();
  });
  fastify.addHook('onClose', (_, done) => {
    flush();
    done();
  });
}

interface Line {
  readonly request: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration: string;
}

let waiting: string[] = [];

/** Writes one line; of what came as far as no route there is only an id and a status. */
export function writeLine(line: Pick<Line, 'request' | 'status'> & Partial<Line>): void {
  const at = new Date().toISOString().slice(0, 16);
  const { request, status, method = '-', route = '-', duration = '-' } = line;
  if (waiting.push(JSON.stringify({ at, request, method, route, status, duration })) === 1)
    setTimeout(flush, EVERY_MS);
}

function flush(): void {
  if (waiting.length === 0) return;
  process.stdout.write(`${waiting.join('\n')}\n`);
  waiting = [];
}
