import { concat, EMPTY, uint16be, uint8, utf8 } from '../encoding/bytes.js';
import { expand, extract } from './kdf.js';

/** HPKE suite id: X-Wing (0x647a), HKDF-SHA256 (0x0001), ChaCha20-Poly1305 (0x0003). */
const SUITE = concat(utf8('HPKE'), uint16be(0x647a), uint16be(0x0001), uint16be(0x0003));

/**
 * HPKE's key schedule in base mode (RFC 9180, section 5.1), for the one message that is ever sealed under it.
 */
export function keySchedule(
  sharedSecret: Uint8Array,
  info: Uint8Array,
): { key: Uint8Array; nonce: Uint8Array } {
  const context = concat(
    uint8(0),
    labeledExtract(EMPTY, 'psk_id_hash', EMPTY),
    labeledExtract(EMPTY, 'info_hash', info),
  );
  const secret = labeledExtract(sharedSecret, 'secret', EMPTY);
  return {
    key: labeledExpand(secret, 'key', context, 32),
    nonce: labeledExpand(secret, 'base_nonce', context, 12),
  };
}

function labeledExtract(salt: Uint8Array, label: string, inputKey: Uint8Array): Uint8Array {
  return extract(salt, concat(utf8('HPKE-v1'), SUITE, utf8(label), inputKey));
}

function labeledExpand(prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  return expand(prk, concat(uint16be(length), utf8('HPKE-v1'), SUITE, utf8(label), info), length);
}
