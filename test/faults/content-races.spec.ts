import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { acknowledge, Device, Receipt, sendMessage, uploadAttachment } from '../../src/client/index.js';
import { connectionOptions } from '../../src/database/index.js';
import { contentOf, givenFile, givenMessage, NOTHING, sealWithFiles } from '../support/network/content.js';
import { asOwner, until } from '../support/machines/database.js';
import { impatient, movedTo } from '../support/requests/impatient.js';
import {
  givenSend,
  outcomesOf,
  post,
  postAct,
  postSend,
  postWithdrawal,
  withdrawalOf,
} from '../support/network/makers.js';
import { dumpValues } from '../support/machines/dump.js';
import { rounds } from '../support/machines/rounds.js';
import { givenNetwork, type FoundedServer, type ServerProcess } from '../support/machines/process.js';

const ROUNDS = rounds(25, 500);
jest.setTimeout(rounds(120_000, 3_600_000));

/** Whatever is written while a referral ends, over two processes: none of it is there afterwards. */
describe('what is written while it is erased', () => {
  let server: FoundedServer;
  let replica: ServerProcess;
  let senders: Device[];

  beforeAll(async () => {
    server = await givenNetwork();
    replica = await server.replica();
    const { worker } = server.network.laRuelle;
    const there = await Device.start(movedTo(worker.state, replica.address));
    senders = await Promise.all(
      [worker, there].map((device) => impatient(device, { address: device.transport.issuer })),
    );
  });
  afterAll(async () => {
    await replica.kill();
    await server.stop();
  });

  function sender(i: number): Device {
    return senders[i % 2] as Device;
  }

  async function givenSent() {
    const made = await givenSend(server.network);
    await postSend(server.network.laRuelle.worker, made.body);
    return { ...made, referral: made.body.referral };
  }

  type Sent = Awaited<ReturnType<typeof givenSent>>;

  const recall = (i: number, { referral }: Sent): Promise<unknown> =>
    postAct(sender(i), referral, { event: 'recall', statusReason: 'sent-by-mistake' });

  const withdraw = async (_: number, { body, given, person }: Sent): Promise<unknown> => {
    const texts = body.statements.map(({ jws }) => jws);
    const { status } = await postWithdrawal(server, withdrawalOf(texts, given, person.sign));
    expect(status).toBe(200);
    return status;
  };

  it.each([
    ['a withdrawal', withdraw],
    ['a recall', recall],
  ] as const)('by %s: no message is left', async (_, end) => {
    let arrived = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const sent = await givenSent();
      const messages = await Promise.all([0, 0, 1].map((place) => givenMessage(server.network, sent, place)));
      const path = `/v1/referrals/${sent.referral}/messages`;
      const [outcome] = await Promise.all([
        outcomesOf(messages.map((message, i) => post(sender(i + round), path, message))),
        end(round, sent),
      ]);
      expect(await contentOf(server, sent.referral)).toEqual(NOTHING);
      for (const code of outcome.refused)
        expect(['chain_moved', 'wrong_state', 'consent_inactive']).toContain(code);
      arrived += outcome.taken;
    }
    expect(arrived).toBeGreaterThan(0);
  });

  it.each([
    ['a withdrawal', withdraw],
    ['a recall', recall],
  ] as const)('by %s, which waits for a message that is half written, and takes it along', async (_, end) => {
    const sent = await givenSent();
    const writer = new pg.Client(connectionOptions(server.urls.owner));
    await writer.connect();
    try {
      await writer.query(`BEGIN; SELECT FROM handoff WHERE referral = '${sent.referral}' FOR KEY SHARE`);
      const ending = end(0, sent);
      await until(isSomebodyWaiting);
      await writer.query(
        `INSERT INTO message (referral, place, ctx, wraps, body) VALUES ('${sent.referral}', 0, '', ARRAY['', '', '']::bytea[], '')`,
      );
      await writer.query('COMMIT');
      await ending;
      expect(await contentOf(server, sent.referral)).toEqual(NOTHING);
    } finally {
      await writer.end();
    }
  });

  /** A row's lock is waited for by its transaction, which belongs to no database. */
  async function isSomebodyWaiting(): Promise<boolean> {
    const waiting = "SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted";
    return (await asOwner(server.urls, waiting)).length > 0;
  }

  it('by a withdrawal: no part of an attachment is left, wherever its upload stood', async () => {
    const { laRuelle } = server.network;
    for (let round = 0; round < Math.ceil(ROUNDS / 5); round++) {
      const { sealed, files, receiptCode } = await sealWithFiles(server.network, [
        givenFile(600_000),
        givenFile(400_000),
      ]);
      const receipt = await Receipt.fromCode(server.address, receiptCode);
      const uploads = outcomesOf(files.map((file, i) => uploadAttachment(sender(i + round), file)));
      await until(async () => (await contentOf(server, sealed.referral))['parts'] !== 0);
      await Promise.all([uploads, postSend(laRuelle.worker, sealed.body).then(() => receipt.withdraw())]);
      expect(await contentOf(server, sealed.referral)).toEqual(NOTHING);
    }
  });

  it('by a withdrawal: no byte of it is in any table', async () => {
    const { laRuelle, clinique } = server.network;
    const { sealed, files, receiptCode } = await sealWithFiles(server.network, [givenFile(200_000)]);
    const [file] = files as [(typeof files)[number]];
    await uploadAttachment(laRuelle.worker, file);
    await postSend(laRuelle.worker, sealed.body);
    await acknowledge(clinique.worker, sealed.referral);
    await sendMessage(clinique.worker, sealed.referral, 'canary');
    const kept = await dumpValues(server.urls);
    const of = (table: string, column: string): string[] =>
      kept.filter((each) => each.table === table && each.column === column).map(({ value }) => value);
    const parts = of('attachment_part', 'bytes');
    const bodies = [...of('message', 'body'), ...of('message', 'wraps')];
    expect([parts.length, bodies.length]).toEqual([2, 2]);
    // 32 bytes from the middle of each: long enough to occur nowhere by chance
    const canaries = [...parts, ...bodies].map((hex) => hex.slice(2000, 2064));
    const holds = (values: typeof kept): boolean =>
      values.some(({ value }) => canaries.some((canary) => value.includes(canary)));
    expect(holds(kept)).toBe(true);
    await (await Receipt.fromCode(server.address, receiptCode)).withdraw();
    expect(holds(await dumpValues(server.urls))).toBe(false);
  });
});
