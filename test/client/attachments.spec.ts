import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  attachmentsOf,
  downloadAttachment,
  openReferral,
  sendReferral,
  uploadAttachment,
  type Attachment,
} from '../../src/client/index.js';
import { fromBase64url, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { givenFile, sealWithFiles } from '../support/network/content.js';
import { deceived } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

type Opened = Awaited<ReturnType<typeof openReferral>>;

/** The server keeps every part, and so could give others. */
describe('an attachment that a server has tampered with', () => {
  let server: FoundedServer;
  let opened: Opened;
  let first: Attachment;
  let second: Attachment;

  beforeAll(async () => {
    server = await givenNetwork();
    const [sender, receiver] = [server.network.laRuelle.worker, server.network.clinique.worker];
    const { sealed, files } = await sealWithFiles(server.network, [givenFile(300_000), givenFile(300_000)]);
    for (const file of files) await uploadAttachment(sender, file);
    await sendReferral(sender, sealed);
    await acknowledge(receiver, sealed.referral);
    opened = await openReferral(receiver, sealed.referral);
    [first, second] = attachmentsOf(opened) as [Attachment, Attachment];
  });
  afterAll(() => server.stop());

  /** Each part as it comes, or another in its place. */
  async function download(
    change: (bytes: Uint8Array, part: number) => Uint8Array,
    attachment = first,
  ): Promise<Blob> {
    const device = await deceived(server.network.clinique.worker.state, (body, path) => {
      const [, part] = /\/parts\/(\d+)$/.exec(path) ?? [];
      if (part === undefined) return;
      body['bytes'] = toBase64url(change(fromBase64url(String(body['bytes'])), Number(part)));
    });
    return downloadAttachment(device, opened, attachment);
  }

  async function partOf({ id }: Attachment, number: number): Promise<Uint8Array> {
    const call = { method: 'GET', path: `/v1/attachments/${id}/parts/${number}` } as const;
    const { bytes } = await server.network.clinique.worker.session.json<{ bytes: string }>(call);
    return fromBase64url(bytes);
  }

  it('opens as it is when it is not', async () => {
    expect((await download((bytes) => bytes)).size).toBe(300_000);
  });

  it.each([
    ['a byte of a chunk', 1, 5000, 'chunk'],
    ['a byte of the salt', 0, 3, 'commitment'],
    ['a byte of the commitment', 0, 40, 'commitment'],
  ])('is refused: %s', async (_, number, at, check) => {
    const bend = (bytes: Uint8Array, part: number): Uint8Array =>
      bytes.map((byte, i) => (part === number && i === at ? byte ^ 1 : byte));
    await expect(download(bend)).rejects.toMatchObject({ name: 'Refused', check });
  });

  it('is refused: parts changed over, cut off, longer, or of the other attachment', async () => {
    const [own, foreign] = [await partOf(first, 0), await partOf(second, 1)];
    for (const [change, check] of [
      [(bytes: Uint8Array, part: number) => (part === 1 ? own : bytes), 'chunk'],
      [(bytes: Uint8Array, part: number) => (part === 1 ? foreign : bytes), 'chunk'],
      [(bytes: Uint8Array, part: number) => (part === 2 ? bytes.slice(0, -1) : bytes), 'attachment-length'],
      [
        (bytes: Uint8Array, part: number) => (part === 2 ? Buffer.concat([bytes, own]) : bytes),
        'attachment-length',
      ],
    ] as const)
      await expect(download(change)).rejects.toMatchObject({ name: 'Refused', check });
  });

  it('is refused under another key, and as the other attachment', async () => {
    const same = (bytes: Uint8Array): Uint8Array => bytes;
    await expect(download(same, { ...first, key: second.key })).rejects.toMatchObject({
      check: 'commitment',
    });
    await expect(download(same, { ...first, id: second.id })).rejects.toMatchObject({ check: 'commitment' });
  });

  it('is refused where the server says that it has fewer parts', async () => {
    const device = await deceived(server.network.clinique.worker.state, (body, path) => {
      if (path === `/v1/attachments/${first.id}`) body['size'] = 131_072;
    });
    await expect(downloadAttachment(device, opened, first)).rejects.toMatchObject({
      check: 'attachment-length',
    });
  });
});
