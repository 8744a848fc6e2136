import { sha256 } from '#sha256';
import { concat, fromBase64url, idToBytes, randomBytes, uint8, utf8 } from '../encoding/bytes.js';
import { sealBody } from '../crypto/body-seal.js';
import { sealBase } from '../crypto/hpke-seal.js';
import { boxKeyId } from '../crypto/keys.js';
import { KIND, makeContext, padContent, ROLE, wrapInfo } from './envelope.js';

/** First bytes of a sealed export; ctx[86], wrap[1168] and the sealed body follow. */
export const EXPORT_HEAD = concat(utf8('relais/export/v1'), uint8(0));

export interface ExportTo {
  readonly organisation: string;
  /** Thumbprint of the organisation's root key. */
  readonly root: string;
  /** X-Wing public key of the organisation's paper code. */
  readonly box: Uint8Array;
}

/**
 * Seals what an organisation takes along to its own paper code: a body of the kind of attachments, which may
 * have any size, and its key in one wrap, as a sender keeps one of its own handoffs. Where those name
 * referral and consent, the context names the organisation and its root.
 */
export function sealExport(content: Uint8Array, { organisation, root, box }: ExportTo): Uint8Array {
  const ctx = makeContext({
    kind: KIND.attachment,
    referral: idToBytes(organisation),
    envelope: randomBytes(16),
    consent: fromBase64url(root),
    recipients: [],
  });
  const ctxHash = sha256(ctx);
  const cek = randomBytes(32);
  const body = sealBody(cek, ctxHash, padContent(KIND.attachment, content));
  const wrap = sealBase(box, wrapInfo(ctxHash, { role: ROLE.sender, keyId: boxKeyId(box) }), cek);
  cek.fill(0);
  return concat(EXPORT_HEAD, ctx, wrap, body);
}
