import { sha256 } from '#sha256';
import { bytesToId, equalBytes, fromBase64url } from '../encoding/bytes.js';
import type { BoxKey, SigningKey } from '../crypto/keys.js';
import { parseContext, ROLE, WRAP_LENGTH } from './envelope.js';
import { refuse } from '../encoding/errors.js';
import { openContent, unwrap } from './open-envelope.js';
import { EXPORT_HEAD } from './seal-export.js';

/** The context of an envelope without recipients, which is of one kind only. */
const CTX = 86;

export interface OpenedExport {
  readonly organisation: string;
  readonly content: Uint8Array;
}

/**
 * Opens a sealed export with the keys of the organisation's paper code. Whoever knows the code's public box
 * key can have made the file: what is in it proves only what its own signatures and proofs prove.
 */
export function openExport(file: Uint8Array, paper: { sign: SigningKey; box: BoxKey }): OpenedExport {
  const wrapAt = EXPORT_HEAD.length + CTX;
  const bodyAt = wrapAt + WRAP_LENGTH;
  if (file.length < bodyAt || !equalBytes(file.subarray(0, EXPORT_HEAD.length), EXPORT_HEAD))
    refuse('export-form');
  const ctx = file.subarray(EXPORT_HEAD.length, wrapAt);
  const context = parseContext(ctx);
  if (!equalBytes(context.consent, fromBase64url(paper.sign.kid))) refuse('ctx-consent');
  const ctxHash = sha256(ctx);
  const own = { role: ROLE.sender, keyId: paper.box.id };
  const cek = unwrap(paper.box, ctxHash, own, file.subarray(wrapAt, bodyAt));
  const content = openContent(context.kind, cek, ctxHash, file.subarray(bodyAt));
  return { organisation: bytesToId(context.referral), content };
}
