import { sha256 } from '#sha256';
import { idToBytes } from '../encoding/bytes.js';
import { KIND, makeContext } from './envelope.js';

/** Largest content of an attachment. */
export const ATTACHMENT_BYTES = 10 * 1024 * 1024;
/** How many one record can name. */
export const ATTACHMENTS = 10;
/** A sealed body travels and lies in parts of so many bytes; the last one is what is left. */
export const PART_BYTES = 131_072;

/** What an attachment belongs to: 128-bit ids, and SHA-256 of the text of consent.given. */
export interface AttachmentPlace {
  readonly referral: string;
  readonly consent: Uint8Array;
  readonly id: string;
}

/**
 * Hash of the context of an attachment: nothing of it is sent, since whoever reads the record knows all of
 * it.
 */
export function attachmentCtxHash({ referral, consent, id }: AttachmentPlace): Uint8Array {
  const ids = { referral: idToBytes(referral), envelope: idToBytes(id) };
  return sha256(makeContext({ kind: KIND.attachment, ...ids, consent, recipients: [] }));
}

/** How many parts a sealed body of this length has. */
export function partCount(length: number): number {
  return Math.ceil(length / PART_BYTES);
}
