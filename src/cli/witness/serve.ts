import Fastify, { type FastifyInstance } from 'fastify';
import { listLogs, type Transport } from '../../client/index.js';
import { equalBytes } from '../../protocol/encoding/bytes.js';
import { considerCheckpoint, parseAddCheckpoint, readCheckpoint } from '../../protocol/log/witness.js';
import { mirrorLogs } from '../mirror.js';
import { ForkMet, keepFork, keepingForks, ownNote } from './forks.js';
import { MIRROR } from './pull.js';
import type { WitnessState } from './state.js';

/** A checkpoint with 63 hashes and a hundred cosignatures is some 20 KiB. */
const BODY_LIMIT = 65_536;
const ARRIVAL_MS = 10_000;
const PLAIN = 'text/plain; charset=utf-8';

/**
 * Copies what is public and learns of later years' logs, one look after the other: whatever asks meanwhile is
 * answered by one more, and what fails is made up for by the next.
 */
export function looker(
  state: WitnessState,
  transport: Transport,
  tell: TellFork = () => undefined,
): () => void {
  let last: Promise<void> = Promise.resolve();
  let isWaiting = false;
  const look = (): Promise<void> => {
    isWaiting = false;
    return lookOnce(state, transport).catch((error: unknown) => {
      if (error instanceof ForkMet) tell(error);
    });
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    last = last.then(look);
  };
}

async function lookOnce(state: WitnessState, transport: Transport): Promise<void> {
  state.watch(await listLogs(transport, state.trust));
  await mirrorLogs(transport, state.trust, state.folder.file(MIRROR), (shown, grow) =>
    keepingForks(state, shown, grow),
  );
}

/** Told of each fork that is met, with where its notes lie. */
export type TellFork = (fork: Pick<ForkMet, 'check' | 'where'>) => void;

/**
 * A request that is refused can still be what nobody else will ever show again: another tree of the size that
 * was cosigned proves a fork by itself. Of a larger one without a right proof it cannot be said: anybody can
 * send that with an honest note, so few are kept, and apart. A tree that is smaller was honest once, or is
 * found by whoever has the entries.
 */
function keepRefused(
  state: WitnessState,
  body: Uint8Array,
  status: number,
): Parameters<TellFork>[0] | undefined {
  const { checkpoint: shown } = parseAddCheckpoint(body);
  const { origin, size, root } = readCheckpoint(shown);
  const log = state.logs.find((each) => each.origin === origin);
  const last = state.last(origin);
  if (!log || !last) return undefined;
  const isFork = last.size === size && !equalBytes(last.root, root);
  if (!isFork && status !== 422) return undefined;
  const { where, isNew } = keepFork(state, log, shown, isFork);
  const check = isFork ? 'another tree of that size was signed' : 'a tree without a proof that it continues';
  return isNew ? { check, where } : undefined;
}

/** The note of a request that was found good, with the log's signature alone. */
function noteIn(state: WitnessState, body: Uint8Array): string {
  const { checkpoint } = parseAddCheckpoint(body);
  const log = state.logs.find(({ origin }) => origin === readCheckpoint(checkpoint).origin);
  if (!log) throw new Error('a log that is not watched was found good');
  return ownNote(checkpoint, log.key);
}

/**
 * `add-checkpoint` of C2SP tlog-witness. Anybody may ask; what is asked is judged, kept and cosigned in one
 * turn of the loop, so that of two requests at once the second is judged against what the first has left.
 * After each new tree it looks at the server: to copy what is public, and because the registry names the next
 * year's logs; and when it is asked for a log that it does not know.
 */
export function witnessApp(
  state: WitnessState,
  lookAtServer: () => void,
  tell: TellFork = () => undefined,
): FastifyInstance {
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
    if (answer.status === 409 || answer.status === 422) {
      const fork = keepRefused(state, body, answer.status);
      if (fork) tell(fork);
    }
    if (answer.status === 409) return reply.status(409).type('text/x.tlog.size').send(`${answer.size}\n`);
    if (answer.status !== 200) return reply.status(answer.status).type(PLAIN).send('');
    const line = state.cosign(noteIn(state, body));
    lookAtServer();
    return reply.type(PLAIN).send(line);
  });
  return app;
}
