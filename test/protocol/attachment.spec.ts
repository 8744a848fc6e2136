import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ATTACHMENT_BYTES,
  attachmentCtxHash,
  PART_BYTES,
  partCount,
} from '../../src/protocol/envelope/attachment.js';
import {
  bytesToId,
  fromHex,
  newId,
  randomBytes,
  toBase64url,
  toHex,
} from '../../src/protocol/encoding/bytes.js';
import { BodySealer, sealBody } from '../../src/protocol/crypto/body-seal.js';
import { Sha256 } from '../../src/protocol/crypto/sha256.js';
import { Sha256 as Sha256InBrowser } from '../../src/protocol/crypto/sha256.browser.js';
import {
  isAttachmentLength,
  KIND,
  padContent,
  paddedLength,
  sealedLength,
} from '../../src/protocol/envelope/envelope.js';
import { openAttachment } from '../../src/protocol/envelope/open-attachment.js';
import {
  sealAttachment,
  sealPieces,
  type SealedAttachment,
} from '../../src/protocol/envelope/seal-attachment.js';
import type { Attachment } from '../../src/protocol/schemas/handoff-record.js';
import { readVectors } from '../support/log/vectors.js';

const of = { referral: newId(), consent: randomBytes(32) };
const CHUNK = 65_552;
const HEAD = 64;

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** As it arrives, in parts of whatever length. */
async function* inParts(body: Uint8Array, length = PART_BYTES): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += length) yield Promise.resolve(body.subarray(at, at + length));
}

function file(size: number): Blob {
  return new Blob([Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255)]);
}

async function given(size: number): Promise<SealedAttachment & { readonly sealed: Uint8Array<ArrayBuffer> }> {
  const made = await sealAttachment(of, file(size), 'image/png');
  return { ...made, sealed: await bytesOf(made.body) };
}

describe('an attachment', () => {
  it('opens to what was sealed, in whatever parts it arrives', async () => {
    const sizes = fc.oneof(
      fc.integer({ min: 0, max: 300_000 }),
      fc.constantFrom(65_531, 65_532, 65_533, 131_068),
    );
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1000, max: 200_000 }), async (size, length) => {
        const { attachment, sealed } = await given(size);
        expect(sealed).toHaveLength(sealedLength(paddedLength(KIND.attachment, size)));
        expect(isAttachmentLength(sealed.length, ATTACHMENT_BYTES)).toBe(true);
        const opened = await openAttachment(attachment, of, inParts(sealed, length));
        expect([opened.type, opened.size]).toEqual(['image/png', size]);
        expect(Buffer.compare(await bytesOf(opened), await bytesOf(file(size)))).toBe(0);
      }),
      { numRuns: 25, seed: 20261126 },
    );
  });

  it('is sealed and opened as the vectors have it', async () => {
    const vector = readVectors('handoff.json') as {
      attachment: Vector;
      handoff: { referral: string; consent: string };
    };
    const { id, key, ctxHash, salt, body, bodySha256, contentLength } = vector.attachment;
    const place = {
      referral: bytesToId(fromHex(vector.handoff.referral)),
      consent: fromHex(vector.handoff.consent),
    };
    const own = bytesToId(fromHex(id));
    expect(toHex(attachmentCtxHash({ ...place, id: own }))).toBe(ctxHash);
    const sealer = new BodySealer(fromHex(key), fromHex(ctxHash), fromHex(salt));
    const pieces: Uint8Array[] = [];
    for await (const piece of sealPieces(sealer, file(contentLength))) pieces.push(piece);
    expect(Buffer.concat(pieces).toString('hex')).toBe(body);
    const sha256 = toBase64url(fromHex(bodySha256));
    const named = { id: own, key: toBase64url(fromHex(key)), sha256, size: contentLength, type: 'x' };
    const opened = await openAttachment(named, place, inParts(fromHex(body)));
    expect(await bytesOf(opened)).toEqual(await bytesOf(file(contentLength)));
  });

  it('is never larger than 10 MiB', async () => {
    const large = { size: ATTACHMENT_BYTES + 1 } as Blob;
    await expect(sealAttachment(of, large, 'x')).rejects.toMatchObject({ check: 'too-large' });
    const { attachment, sealed } = await given(1);
    const claimed = { ...attachment, size: ATTACHMENT_BYTES + 1 };
    await expect(openAttachment(claimed, of, inParts(sealed))).rejects.toMatchObject({
      check: 'attachment-length',
    });
  });

  it('has one of the lengths of Padmé, and no other is taken', () => {
    const most = sealedLength(paddedLength(KIND.attachment, ATTACHMENT_BYTES));
    expect([most, partCount(most)]).toEqual([10_750_592, 83]);
    for (const length of [4176, 4432, most]) expect(isAttachmentLength(length, ATTACHMENT_BYTES)).toBe(true);
    for (const length of [0, 64, 80, 4175, 4177, 4240, 65_617, most - 16, most + 1, sealedLength(11_010_048)])
      expect(isAttachmentLength(length, ATTACHMENT_BYTES)).toBe(false);
  });

  describe('of several chunks does not open', () => {
    let a: Awaited<ReturnType<typeof given>>;
    let other: Awaited<ReturnType<typeof given>>;
    const chunk = (body: Uint8Array, j: number): Uint8Array =>
      body.slice(HEAD + j * CHUNK, HEAD + (j + 1) * CHUNK);
    const joined = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));

    async function open(sealed: Uint8Array, change: Partial<Attachment> = {}, place = of): Promise<Blob> {
      return openAttachment({ ...a.attachment, ...change }, place, inParts(sealed));
    }

    async function refused(
      sealed: Uint8Array,
      check: string,
      change: Partial<Attachment> = {},
    ): Promise<void> {
      await expect(open(sealed, change)).rejects.toMatchObject({ check });
    }

    beforeAll(async () => {
      [a, other] = [await given(200_000), await given(200_000)];
    });

    it('after any byte of any class has changed', async () => {
      for (const [at, check] of [
        [0, 'commitment'],
        [31, 'commitment'],
        [32, 'commitment'],
        [63, 'commitment'],
        [64, 'chunk'],
        [HEAD + CHUNK - 1, 'chunk'],
        [HEAD + CHUNK, 'chunk'],
        [a.sealed.length - 1, 'chunk'],
      ] as const) {
        const bent = a.sealed.slice();
        bent[at] = (bent[at] ?? 0) ^ 1;
        await refused(bent, check);
      }
      expect((await open(a.sealed)).size).toBe(200_000);
    });

    it('with chunks changed over, twice, or of another attachment', async () => {
      const { sealed } = a;
      const [head, tail] = [sealed.slice(0, HEAD), sealed.slice(HEAD + 2 * CHUNK)];
      await refused(joined(head, chunk(sealed, 1), chunk(sealed, 0), tail), 'chunk');
      await refused(joined(head, chunk(sealed, 0), chunk(sealed, 0), tail), 'chunk');
      await refused(joined(head, chunk(sealed, 0), chunk(other.sealed, 1), tail), 'chunk');
      await refused(joined(other.sealed.slice(0, HEAD), sealed.slice(HEAD)), 'commitment');
      await refused(other.sealed, 'commitment');
    });

    it('cut off, or with bytes after its end', async () => {
      const { sealed } = a;
      for (const length of [0, 63, HEAD, HEAD + 1, HEAD + CHUNK, sealed.length - 1])
        await refused(sealed.slice(0, length), 'attachment-length');
      await refused(joined(sealed, new Uint8Array(1)), 'attachment-length');
      await refused(joined(sealed, new Uint8Array(PART_BYTES)), 'attachment-length');
    });

    it('under another key, id, referral or consent', async () => {
      await refused(a.sealed, 'commitment', { key: other.attachment.key });
      await refused(a.sealed, 'commitment', { id: other.attachment.id });
      for (const place of [
        { ...of, referral: newId() },
        { ...of, consent: randomBytes(32) },
      ])
        await expect(open(a.sealed, {}, place)).rejects.toMatchObject({ check: 'commitment' });
    });

    it('where the record says another hash or another size', async () => {
      await refused(a.sealed, 'attachment-hash', { sha256: other.attachment.sha256 });
      await refused(a.sealed, 'prefix', { size: 199_999 });
      await refused(a.sealed, 'attachment-length', { size: 100_000 });
    });

    it('where its padding hides something', async () => {
      const key = randomBytes(32);
      const padded = padContent(KIND.attachment, await bytesOf(file(5000)));
      padded[5100] = 1;
      const id = newId();
      const body = sealBody(key, attachmentCtxHash({ ...of, id }), padded);
      const named = { id, key: toBase64url(key), sha256: a.attachment.sha256, size: 5000, type: 'x' };
      await expect(openAttachment(named, of, inParts(body))).rejects.toMatchObject({ check: 'zeros' });
    });
  });

  it('has the same hash on each platform', () => {
    const pieces = [1, 70, 131_072].map((length) => new Uint8Array(length).fill(length));
    const hashes = [new Sha256(), new Sha256InBrowser()].map((hash) => {
      for (const piece of pieces) hash.update(piece);
      return toHex(hash.digest());
    });
    expect(hashes[0]).toBe(hashes[1]);
  });
});

interface Vector {
  readonly id: string;
  readonly key: string;
  readonly ctxHash: string;
  readonly salt: string;
  readonly body: string;
  readonly bodySha256: string;
  readonly contentLength: number;
}
