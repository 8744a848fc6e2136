import { idToBytes, toBase64url, utf8 } from '../encoding/bytes.js';
import type { SigningKey } from '../crypto/keys.js';
import { KIND, ROLE } from '../envelope/envelope.js';
import { requirePlainText } from '../encoding/plain-text.js';
import { Message } from '../schemas/handoff.js';
import type { ConsentGiven } from '../schemas/statements.js';
import { sealEnvelope, type SealedEnvelope } from '../envelope/seal-envelope.js';
import { sign } from '../encoding/signed.js';
import { nextIn, type Side, type ThreadEntry } from './thread.js';

export interface MessageToSeal {
  readonly given: ConsentGiven;
  /** SHA-256 of the text of consent.given. */
  readonly consent: Uint8Array;
  /**
   * X-Wing public keys: the two services' as the registry shows them, the person's as the consent names it.
   */
  readonly to: { readonly receiver: Uint8Array; readonly sender: Uint8Array; readonly person: Uint8Array };
  readonly thread: readonly ThreadEntry[];
  readonly side: Side;
  readonly day: string;
  readonly text: string;
  /** The person's request that something be corrected. */
  readonly about?: 'correction' | undefined;
  /** A device with its certificate; the key of the person's code has none. */
  readonly author: { readonly sign: SigningKey; readonly certificate?: string };
}

/**
 * Seals a message to receiver, sender and person, as the next one of its thread. Refuses a text that is not
 * plain, or too large.
 */
export function sealMessage({ given, consent, to, text, ...by }: MessageToSeal): SealedEnvelope {
  const { certificate } = by.author;
  requirePlainText(Message.properties.text, text, '/text');
  return sealEnvelope({
    kind: KIND.message,
    referral: idToBytes(given.referral),
    consent,
    recipients: [
      { role: ROLE.receiver, publicKey: to.receiver },
      { role: ROLE.sender, publicKey: to.sender },
      { role: ROLE.person, publicKey: to.person },
    ],
    content: (ctxHash) => {
      const place = { day: by.day, ...nextIn(by.thread, by.side) };
      const signed = {
        ctx: toBase64url(ctxHash),
        ...place,
        text,
        ...(by.about !== undefined && { kind: by.about }),
        ...(certificate !== undefined && { certificate }),
      };
      return utf8(sign('message+jws', signed, by.author.sign));
    },
  });
}
