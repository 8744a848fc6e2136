import Fastify, { type FastifyInstance } from 'fastify';
import { considerCheckpoint } from '../../protocol/log/witness.js';
import type { WitnessState } from './state.js';

/** A checkpoint with 63 hashes and a hundred cosignatures is some 20 KiB. */
const BODY_LIMIT = 65_536;
const ARRIVAL_MS = 10_000;
const PLAIN = 'text/plain; charset=utf-8';

/**
 * `add-checkpoint` of C2SP tlog-witness. Anybody may ask; what is asked is judged, kept and cosigned in one turn of the loop,
 * so that of two requests at once the second is judged against what the first has left.
 */
export function witnessApp(state: WitnessState, onCosigned: () => void = () => undefined): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT, requestTimeout: ARRIVAL_MS });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const logs = state.logs.map(({ key }) => key);
  app.post('/add-checkpoint', (request, reply) => {
    const body = request.body instanceof Uint8Array ? new Uint8Array(request.body) : new Uint8Array(0);
    const answer = considerCheckpoint(body, logs, (origin) => state.last(origin));
    if (answer.status === 409) return reply.status(409).type('text/x.tlog.size').send(`${answer.size}\n`);
    if (answer.status !== 200) return reply.status(answer.status).type(PLAIN).send('');
    const line = state.cosign(answer.text);
    onCosigned();
    return reply.type(PLAIN).send(line);
  });
  return app;
}
