import { sha256 } from '#sha256';
import { randomBytes } from '../encoding/bytes.js';
import { sealBody } from '../crypto/body-seal.js';
import { sealBase } from '../crypto/hpke-seal.js';
import { boxKeyId } from '../crypto/keys.js';
import {
  digestOf,
  makeContext,
  padContent,
  sortRecipients,
  wrapInfo,
  type Kind,
  type Role,
} from './envelope.js';

export interface ToSeal {
  readonly kind: Kind;
  /** 16 bytes. */
  readonly referral: Uint8Array;
  /** SHA-256 of the text of consent.given. */
  readonly consent: Uint8Array;
  readonly recipients: readonly { readonly role: Role; readonly publicKey: Uint8Array }[];
  /** Makes the content once the context is fixed, since the content names its hash. */
  readonly content: (ctxHash: Uint8Array) => Uint8Array;
}

export interface SealedEnvelope {
  readonly ctx: Uint8Array;
  /** In the order of the context. */
  readonly wraps: readonly Uint8Array[];
  readonly body: Uint8Array;
  readonly digest: Uint8Array;
}

/** Seals one content to its recipients, under a key and salts that nothing else ever uses. */
export function sealEnvelope({ kind, referral, consent, recipients, content }: ToSeal): SealedEnvelope {
  const keyed = sortRecipients(recipients.map((to) => ({ ...to, keyId: boxKeyId(to.publicKey) })));
  const ctx = makeContext({ kind, referral, envelope: randomBytes(16), consent, recipients: keyed });
  const ctxHash = sha256(ctx);
  const cek = randomBytes(32);
  const body = sealBody(cek, ctxHash, padContent(kind, content(ctxHash)));
  const wraps = keyed.map((to) => sealBase(to.publicKey, wrapInfo(ctxHash, to), cek));
  cek.fill(0);
  return { ctx, wraps, body, digest: digestOf(ctxHash, body, wraps.map(sha256)) };
}
