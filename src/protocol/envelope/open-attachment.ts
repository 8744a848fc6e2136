import { Sha256 } from '#sha256';
import { ATTACHMENT_BYTES, attachmentCtxHash, type AttachmentPlace } from './attachment.js';
import { concat, fromBase64url, readUint32be, toBase64url } from '../encoding/bytes.js';
import { BodyOpener } from '../crypto/body-open.js';
import { CHUNK, HEAD, TAG } from '../crypto/body-key.js';
import { KIND, paddedLength, sealedLength } from './envelope.js';
import { refuse } from '../encoding/errors.js';
import type { Attachment } from '../schemas/handoff-record.js';

const PREFIX = 4;

/**
 * Opens an attachment as its parts arrive, whatever their lengths; nothing of it is given before the last
 * check. The record is believed, since it was opened; whoever keeps the parts controls every byte of them.
 * Refuses with `attachment-length` what is longer or shorter than the record says, `commitment` another key,
 * `chunk` what was changed, changed over, cut off or is another attachment's, `prefix` and `zeros` another
 * padding, `attachment-hash` another body.
 */
export async function openAttachment(
  { id, key, sha256, size, type }: Attachment,
  of: Omit<AttachmentPlace, 'id'>,
  parts: AsyncIterable<Uint8Array>,
): Promise<Blob> {
  if (size > ATTACHMENT_BYTES) refuse('attachment-length');
  const [hash, padded] = [new Sha256(), paddedLength(KIND.attachment, size)];
  const pieces = cut(hashed(parts, hash), sealedLength(padded));
  const head = (await pieces.next()).value ?? refuse('attachment-length');
  const opener = new BodyOpener(fromBase64url(key), attachmentCtxHash({ ...of, id }), head);
  const contents: Blob[] = [];
  for (let at = 0; at < padded; at += CHUNK) {
    const sealed = (await pieces.next()).value ?? refuse('attachment-length');
    const chunk = opener.open(sealed, at + CHUNK >= padded);
    contents.push(new Blob([contentOf(chunk, at, size) as Uint8Array<ArrayBuffer>]));
  }
  // to its end: bytes beyond the last chunk are refused, and what was held back is in the hash
  await pieces.next();
  if (toBase64url(hash.digest()) !== sha256) refuse('attachment-hash');
  return new Blob(contents, { type });
}

/** What of a chunk at this place of uint32(length) ‖ content ‖ zeros is content. */
function contentOf(chunk: Uint8Array, at: number, size: number): Uint8Array {
  if (at === 0 && readUint32be(chunk) !== size) refuse('prefix');
  const end = Math.max(0, PREFIX + size - at);
  if (chunk.subarray(end).some((byte) => byte !== 0)) refuse('zeros');
  return chunk.subarray(at === 0 ? PREFIX : 0, end);
}

async function* hashed(parts: AsyncIterable<Uint8Array>, hash: Sha256): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    hash.update(part);
    yield part;
  }
}

/**
 * The head, then each sealed chunk of a body of exactly this length: no more than one chunk and one part is
 * held.
 */
async function* cut(parts: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array, undefined> {
  let [buffer, left, wanted] = [new Uint8Array(0) as Uint8Array, length, HEAD];
  for await (const part of parts) {
    buffer = concat(buffer, part);
    if (buffer.length > left) refuse('attachment-length');
    while (buffer.length >= wanted && wanted > 0) {
      yield buffer.subarray(0, wanted);
      buffer = buffer.subarray(wanted);
      left -= wanted;
      wanted = Math.min(CHUNK + TAG, left);
    }
  }
  return undefined;
}
