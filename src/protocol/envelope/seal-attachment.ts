import { Sha256 } from '#sha256';
import { newId, randomBytes, toBase64url, uint32be } from '../encoding/bytes.js';
import { ATTACHMENT_BYTES, attachmentCtxHash, type AttachmentPlace } from './attachment.js';
import { CHUNK } from '../crypto/body-key.js';
import { BodySealer } from '../crypto/body-seal.js';
import { KIND, paddedLength } from './envelope.js';
import { refuse } from '../encoding/errors.js';
import type { Attachment } from '../schemas/handoff-record.js';

const PREFIX = 4;

export interface SealedAttachment {
  /** What the record says of it: with this anybody opens it. */
  readonly attachment: Attachment;
  /** The sealed bytes: without the key they say nothing but how long they are. */
  readonly body: Blob;
}

/**
 * Seals a file under a key of its own, 64 KiB at a time. `type` is a media type, or whatever tells the
 * receiver how to show it; it stands in the record alone.
 */
export async function sealAttachment(
  of: Omit<AttachmentPlace, 'id'>,
  content: Blob,
  type: string,
): Promise<SealedAttachment> {
  if (content.size > ATTACHMENT_BYTES) refuse('too-large');
  const [id, key, hash] = [newId(), randomBytes(32), new Sha256()];
  const pieces: Blob[] = [];
  for await (const piece of sealPieces(new BodySealer(key, attachmentCtxHash({ ...of, id })), content)) {
    hash.update(piece);
    pieces.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
  }
  const named = { id, key: toBase64url(key), sha256: toBase64url(hash.digest()), size: content.size, type };
  return { attachment: named, body: new Blob(pieces) };
}

/** The body of a content: head, then each sealed chunk. */
export async function* sealPieces(sealer: BodySealer, content: Blob): AsyncGenerator<Uint8Array> {
  const padded = paddedLength(KIND.attachment, content.size);
  yield sealer.head;
  for (let at = 0; at < padded; at += CHUNK) {
    const chunk = await plainChunk(content, at, Math.min(CHUNK, padded - at));
    yield sealer.seal(chunk, at + CHUNK >= padded);
  }
}

/** Bytes `at`… of uint32(length) ‖ content ‖ zeros. */
async function plainChunk(content: Blob, at: number, length: number): Promise<Uint8Array> {
  const chunk = new Uint8Array(length);
  if (at === 0) chunk.set(uint32be(content.size));
  const from = Math.max(0, at - PREFIX);
  const part = await content.slice(from, at + length - PREFIX).arrayBuffer();
  chunk.set(new Uint8Array(part), from + PREFIX - at);
  return chunk;
}
