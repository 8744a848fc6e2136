import { toBase64url, utf8 } from '../../protocol/encoding/bytes.js';
import { sha256 } from '#sha256';
import { parseCharter } from '../../protocol/registry/charter.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { verifySigned, type Keyring } from '../../protocol/encoding/signed.js';
import type { Transport } from './transport.js';

interface CharterAnswer {
  readonly text: string;
  readonly signatures: readonly string[];
}

/**
 * The founders' root keys, for a device that was told one of them: the founding charter names all members,
 * and that one root has signed the charter's hash. So a new device needs no list, only the key of its own
 * organisation.
 */
export async function foundersOf(transport: Transport, ownRoot: Keyring): Promise<string[]> {
  const charter = await transport.json<CharterAnswer>({ method: 'GET', path: '/v1/charter/versions/1' });
  const signed = charter.signatures.find((text) => isSignedBy(text, ownRoot)) ?? refuse('signer');
  const { payload } = verifySigned(signed, 'charter+jws', ownRoot);
  if (payload.textHash !== toBase64url(sha256(utf8(charter.text)))) refuse('charter');
  return parseCharter(charter.text).members.map((member) => member.root);
}

function isSignedBy(text: string, ring: Keyring): boolean {
  try {
    return ring.has(verifySigned(text, 'charter+jws', ring).kid);
  } catch {
    return false;
  }
}
