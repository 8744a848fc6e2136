import { newId } from '../../../src/protocol/encoding/bytes.js';
import { impatient, UNAVAILABLE } from '../requests/impatient.js';
import { givenSend, post, postSend, postWithdrawal, statementAfter, withdrawalOf } from './makers.js';
import type { FoundedServer } from '../machines/process.js';

/** What is stored of a story after so many of its acts. */
export const STORED = [
  { handoffs: 0, wraps: 0, statements: 0 },
  { handoffs: 1, wraps: 3, statements: 2 },
  { handoffs: 1, wraps: 3, statements: 3 },
  { handoffs: 0, wraps: 0, statements: 4 },
] as const;

/**
 * Sent, acknowledged, withdrawn: each act fixed to the byte, so that it can be told again after whatever went
 * wrong.
 */
export interface Story {
  readonly referral: string;
  /** How many acts were answered well. */
  readonly told: () => number;
  /** Goes on from where it stands, to the end or to the first act that is not answered well. */
  readonly tell: () => Promise<void>;
}

export async function givenStory(server: FoundedServer): Promise<Story> {
  const { laRuelle, clinique } = server.network;
  const { body, given, person } = await givenSend(server.network);
  const texts = body.statements.map(({ jws }) => jws);
  const receiving = await clinique.worker.epochOf(clinique.service);
  const received = statementAfter(texts, given, { kind: 'handoff.received' }, receiving.sign);
  const withdrawn = withdrawalOf(texts, given, person.sign);
  const acknowledgement = { event: 'acknowledge', statements: [received] };
  const sender = await impatient(laRuelle.worker, server);
  const receiver = await impatient(clinique.worker, server);
  const keys = [newId(), newId()];
  const path = `/v1/referrals/${body.referral}/transitions`;
  const acts = [
    () => postSend(sender, body, keys[0]),
    () => post(receiver, path, acknowledgement, keys[1]),
    () => postWithdrawal(server, withdrawn).then(requireDone),
  ];
  let told = 0;
  const tell = async (): Promise<void> => {
    for (const act of acts.slice(told)) {
      await act();
      told++;
    }
  };
  return { referral: body.referral, told: () => told, tell };
}

function requireDone({ status: answered }: { status: number }): void {
  const status = answered === 503 ? UNAVAILABLE : answered;
  if (status !== 200) throw Object.assign(new Error(`a withdrawal was answered ${status}`), { status });
}
