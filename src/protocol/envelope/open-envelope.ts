import { equalBytes, readUint32be } from '../encoding/bytes.js';
import { openBody } from '../crypto/body-open.js';
import { openBase } from '../crypto/hpke-open.js';
import type { BoxKey } from '../crypto/keys.js';
import { findPaddedLength, wrapInfo, type Kind, type Recipient } from './envelope.js';
import { refuse } from '../encoding/errors.js';

/** The recipient's content key out of its wrap. */
export function unwrap(own: BoxKey, ctxHash: Uint8Array, recipient: Recipient, wrap: Uint8Array): Uint8Array {
  const cek = openBase(own.seed, wrapInfo(ctxHash, recipient), wrap);
  return cek.length === 32 ? cek : refuse('hpke');
}

/** The content of a sealed body, all padding checked: one content has one padded form and no other. */
export function openContent(kind: Kind, cek: Uint8Array, ctxHash: Uint8Array, body: Uint8Array): Uint8Array {
  const padded = openBody(cek, ctxHash, body);
  if (padded.length < 4) refuse('prefix');
  const length = readUint32be(padded);
  if (length + 4 > padded.length) refuse('prefix');
  if (findPaddedLength(kind, length) !== padded.length) refuse('bucket');
  if (padded.subarray(4 + length).some((byte) => byte !== 0)) refuse('zeros');
  return padded.subarray(4, 4 + length);
}

/** The recipient's own entry in a context. */
export function ownEntry(recipients: readonly Recipient[], role: number, own: BoxKey): number {
  const at = recipients.findIndex((entry) => entry.role === role && equalBytes(entry.keyId, own.id));
  return at < 0 ? refuse('ctx-recipients') : at;
}
