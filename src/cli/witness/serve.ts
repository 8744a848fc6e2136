import Fastify, { type FastifyInstance } from 'fastify';
import { logsOf, type Transport } from '../../client/index.js';
import { considerCheckpoint } from '../../protocol/log/witness.js';
import { mirrorLogs } from '../mirror.js';
import { MIRROR } from './pull.js';
import type { WitnessState } from './state.js';

/** A checkpoint with 63 hashes and a hundred cosignatures is some 20 KiB. */
const BODY_LIMIT = 65_536;
const ARRIVAL_MS = 10_000;
const PLAIN = 'text/plain; charset=utf-8';

/**
 * Copies what is public and learns of later years' logs, one look after the other: whatever asks meanwhile is answered by one
 * more, and what fails is made up for by the next.
 */
export function looker(state: WitnessState, transport: Transport): () => void {
  let last: Promise<void> = Promise.resolve();
  let isWaiting = false;
  const look = (): Promise<void> => {
    isWaiting = false;
    return lookOnce(state, transport).catch(() => undefined);
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    last = last.then(look);
  };
}

async function lookOnce(state: WitnessState, transport: Transport): Promise<void> {
  state.watch(await logsOf(transport, state.trust));
  await mirrorLogs(transport, state.trust, state.folder.file(MIRROR));
}

/**
 * `add-checkpoint` of C2SP tlog-witness. Anybody may ask; what is asked is judged, kept and cosigned in one turn of the loop,
 * so that of two requests at once the second is judged against what the first has left. After each new tree it looks at the
 * server: to copy what is public, and because the registry names the next year's logs; and when it is asked for a log that it
 * does not know.
 */
export function witnessApp(state: WitnessState, lookAtServer: () => void): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: ARRIVAL_MS,
    // Node looks for what has run out of time every 30 s by default
    http: { connectionsCheckingInterval: 1_000, headersTimeout: ARRIVAL_MS },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/add-checkpoint', (request, reply) => {
    const body = request.body instanceof Uint8Array ? new Uint8Array(request.body) : new Uint8Array(0);
    const logs = state.logs.map(({ key }) => key);
    const answer = considerCheckpoint(body, logs, (origin) => state.last(origin));
    if (answer.status === 404) lookAtServer();
    if (answer.status === 409) return reply.status(409).type('text/x.tlog.size').send(`${answer.size}\n`);
    if (answer.status !== 200) return reply.status(answer.status).type(PLAIN).send('');
    const line = state.cosign(answer.text);
    lookAtServer();
    return reply.type(PLAIN).send(line);
  });
  return app;
}
