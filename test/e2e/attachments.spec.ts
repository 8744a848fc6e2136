import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  act,
  attachmentsOf,
  downloadAttachment,
  openReferral,
  sendMessage,
  sendReferral,
  uploadAttachment,
  type Device,
} from '../../src/client/index.js';
import { Caller } from '../support/requests/caller.js';
import { Database } from '../../src/database/index.js';
import { newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { Jobs } from '../../src/server/common/jobs.js';
import { UploadsJob } from '../../src/server/handoffs/uploads.job.js';
import { Clock } from '../../src/server/referrals/erasing/clock.js';
import { contentOf, givenFile, givenUpload, NOTHING, sealWithFiles } from '../support/network/content.js';
import { shiftClock } from '../support/machines/database.js';
import { impatient } from '../support/requests/impatient.js';
import { outcomesOf, post } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('attachments of a referral', () => {
  let server: FoundedServer;
  let sender: Device;
  let receiver: Device;

  beforeAll(async () => {
    server = await givenNetwork();
    sender = server.network.laRuelle.worker;
    receiver = server.network.clinique.worker;
  });
  afterAll(() => server.stop());

  async function bytesOf(blob: Blob | undefined): Promise<Uint8Array> {
    return new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
  }

  it('are uploaded before the send and opened by both services, to the byte and with their type', async () => {
    const contents = [0, 5000, 65_532, 300_000].map((size, i) => givenFile(size, `type/${i}`));
    const { sealed, files } = await sealWithFiles(server.network, contents);
    for (const file of files) await uploadAttachment(sender, file);
    await sendReferral(sender, sealed);
    await acknowledge(receiver, sealed.referral);
    for (const device of [receiver, sender]) {
      const opened = await openReferral(device, sealed.referral);
      const named = attachmentsOf(opened);
      expect(named.map(({ size, type }) => [size, type])).toEqual(
        contents.map(({ content, type }) => [content.size, type]),
      );
      for (const [i, attachment] of named.entries()) {
        const blob = await downloadAttachment(device, opened, attachment);
        expect(blob.type).toBe(`type/${i}`);
        expect(Buffer.compare(await bytesOf(blob), await bytesOf(contents[i]?.content))).toBe(0);
      }
    }
  });

  it('are read by the receiver only once it has acknowledged', async () => {
    const { sealed, files } = await sealWithFiles(server.network, [givenFile(10)]);
    for (const file of files) await uploadAttachment(sender, file);
    const path = `/v1/attachments/${files[0]?.upload.attachment ?? ''}`;
    const read = (device: Device, of: string) => device.session.json({ method: 'GET', path: of });
    for (const send of [() => undefined, () => sendReferral(sender, sealed)]) {
      await send();
      for (const asked of [path, `${path}/parts/0`])
        await expect(read(receiver, asked)).rejects.toMatchObject({ code: 'not_found' });
      expect(await read(sender, path)).toMatchObject({ received: [0] });
    }
    await acknowledge(receiver, sealed.referral);
    expect(await read(receiver, path)).toMatchObject({ received: [0], size: 4176 });
  });

  it('go on with the missing parts after the server was killed, and open all the same', async () => {
    const own = await givenNetwork();
    const [worker, clinique] = [own.network.laRuelle.worker, own.network.clinique.worker];
    const contents = [givenFile(3_000_000)];
    const { sealed, files } = await sealWithFiles(own.network, contents);
    const [file] = files as [(typeof files)[number]];
    const path = `/v1/attachments/${file.upload.attachment}`;
    const partsThere = async () =>
      (
        await worker.session
          .json<{ received: number[] }>({ method: 'GET', path })
          .catch(() => ({ received: [] }))
      ).received;
    const upload = outcomesOf([uploadAttachment(await impatient(worker, own), file)]);
    while ((await partsThere()).length < 5);
    await own.kill();
    expect(await upload).toMatchObject({ taken: 0 });
    const again = await own.again();
    const before = await partsThere();
    expect(before.length).toBeGreaterThanOrEqual(5);
    expect(before.length).toBeLessThan(24);
    await uploadAttachment(worker, file);
    expect(await partsThere()).toHaveLength(24);
    await sendReferral(worker, sealed);
    await acknowledge(clinique, sealed.referral);
    const opened = await openReferral(clinique, sealed.referral);
    const [attachment] = attachmentsOf(opened);
    if (!attachment) throw new Error('no attachment');
    const blob = await downloadAttachment(clinique, opened, attachment);
    expect(Buffer.compare(await bytesOf(blob), await bytesOf(contents[0]?.content))).toBe(0);
    await again.stop();
  });

  describe('an upload', () => {
    const begin = (upload: object) => post<object>(sender, '/v1/attachments', upload);
    const take = (id: string, number: number, bytes: Uint8Array) =>
      post<object>(sender, `/v1/attachments/${id}/parts`, { number, bytes: toBase64url(bytes) });

    it('is one, however often it is begun, and takes each part once', async () => {
      const upload = givenUpload(server.network.laRuelle.service);
      const { attachment, referral, size } = upload;
      for (let i = 0; i < 2; i++)
        expect(await begin(upload)).toEqual({ attachment, referral, size, received: [] });
      await expect(begin({ ...upload, size: 4432 })).rejects.toMatchObject({ code: 'wrong_state' });
      const bytes = randomBytes(4176);
      for (let i = 0; i < 2; i++) expect(await take(attachment, 0, bytes)).toEqual({ attachment, number: 0 });
      await expect(take(attachment, 0, randomBytes(4176))).rejects.toMatchObject({ code: 'wrong_state' });
    });

    it('takes only parts that fit, and only lengths that a padded file can have', async () => {
      const upload = givenUpload(server.network.laRuelle.service);
      await begin(upload);
      for (const [number, length] of [
        [0, 4175],
        [0, 4177],
        [1, 4176],
        [127, 1],
      ] as const)
        await expect(take(upload.attachment, number, randomBytes(length))).rejects.toMatchObject({
          code: 'input_invalid',
        });
      for (const size of [4175, 4177, 10_750_592 - 16, 10_750_593, 5000])
        await expect(begin({ ...givenUpload(upload.service), size })).rejects.toMatchObject({
          code: 'input_invalid',
        });
    });

    it('ends with the send', async () => {
      const { sealed, files } = await sealWithFiles(server.network, [givenFile(200_000)]);
      const [file] = files as [(typeof files)[number]];
      await begin({ ...file.upload, size: file.body.size });
      await sendReferral(sender, sealed);
      const part = new Uint8Array(131_072);
      await expect(take(file.upload.attachment, 0, part)).rejects.toMatchObject({ code: 'wrong_state' });
      await expect(begin(givenUpload(file.upload.service, sealed.referral))).rejects.toMatchObject({
        code: 'wrong_state',
      });
    });

    it('is refused for another’s service, and beyond ten for one referral', async () => {
      await expect(begin(givenUpload(server.network.clinique.service))).rejects.toMatchObject({
        code: 'not_found',
      });
      const referral = newId();
      const service = server.network.laRuelle.service;
      for (let i = 0; i < 10; i++) await begin(givenUpload(service, referral));
      await expect(begin(givenUpload(service, referral))).rejects.toMatchObject({ code: 'wrong_state' });
    });

    it('is one of 32 at most of an organisation that wait for their send, and is deleted after a day', async () => {
      const own = await givenNetwork();
      const database = new Database(own.urls);
      const job = new UploadsJob(database, new Jobs());
      try {
        const { worker, service } = own.network.laRuelle;
        const started = await sealWithFiles(own.network, [givenFile(10)]);
        for (const file of started.files) await uploadAttachment(worker, file);
        const begun = Array.from({ length: 50 }, () => givenUpload(service));
        const { taken, refused } = await outcomesOf(begun.map((upload) => impatientPost(own, upload)));
        expect([taken, new Set(refused)]).toEqual([31, new Set(['rate_limited'])]);
        await sendReferral(worker, started.sealed);
        await impatientPost(own, givenUpload(service));
        await shiftClock(own.urls, '26 hours');
        await job.run();
        expect(await contentOf(own, started.sealed.referral)).toEqual({
          messages: 0,
          attachments: 1,
          parts: 1,
        });
        for (const { referral } of begun) expect(await contentOf(own, referral)).toEqual(NOTHING);
        await impatientPost(own, givenUpload(service));
      } finally {
        await database.close();
        await own.stop();
      }
    });

    async function impatientPost({ network }: FoundedServer, upload: object): Promise<unknown> {
      const { worker } = network.laRuelle;
      const caller = await Caller.of(worker.state);
      const { status, code } = await caller.post('/v1/attachments', upload);
      if (status !== 201) throw Object.assign(new Error(String(status)), { code });
      return status;
    }
  });

  it.each([
    [
      'declined',
      (referral: string) => act(receiver, referral, { event: 'decline', statusReason: 'no-capacity' }),
    ],
    ['recalled', (referral: string) => act(sender, referral, { event: 'recall', statusReason: 'duplicate' })],
  ])('are gone with the referral that is %s', async (_, end) => {
    const { sealed, files } = await sealWithFiles(server.network, [givenFile(300_000), givenFile(1)]);
    for (const file of files) await uploadAttachment(sender, file);
    await sendReferral(sender, sealed);
    expect(await contentOf(server, sealed.referral)).toEqual({ messages: 0, attachments: 2, parts: 4 });
    await end(sealed.referral);
    expect(await contentOf(server, sealed.referral)).toEqual(NOTHING);
  });

  it.each([
    ['unanswered for too long', 'requested', '20 days'],
    ['completed, on the last day that the person was told', 'completed', '200 days'],
  ] as const)('are gone, with the messages, when a referral is %s', async (_, stage, later) => {
    const own = await givenNetwork();
    const [database, worker] = [new Database(own.urls), own.network.laRuelle.worker];
    try {
      const { sealed, files } = await sealWithFiles(own.network, [givenFile(10)]);
      for (const file of files) await uploadAttachment(worker, file);
      await sendReferral(worker, sealed);
      await sendMessage(worker, sealed.referral, 'Any news?');
      if (stage === 'completed') {
        const { worker: clinique } = own.network.clinique;
        await acknowledge(clinique, sealed.referral);
        await act(clinique, sealed.referral, { event: 'accept' });
        await act(clinique, sealed.referral, { event: 'complete', outcome: 'service-provided' });
      }
      expect(await contentOf(own, sealed.referral)).toEqual({ messages: 1, attachments: 1, parts: 1 });
      await shiftClock(own.urls, later);
      await new Clock(database, new Jobs()).tick();
      expect(await contentOf(own, sealed.referral)).toEqual(NOTHING);
    } finally {
      await database.close();
      await own.stop();
    }
  });
});
