import { newId, toBase64url, utf8 } from '../../../src/protocol/encoding/bytes.js';
import { sha256 } from '../../../src/protocol/crypto/sha256.js';
import type { ProofKey } from '../../../src/client/device/proof.js';
import type { Entrant } from '../network/entrant.js';

export type Members = Readonly<Record<string, unknown>>;
export type Kind = 'assertion' | 'proof';

/** What a JWT says before it is signed; a string stands for bytes that `JSON.stringify` would not write. */
export interface Draft {
  readonly header: Members | string;
  readonly claims: Members | string;
}

/** How one JWT differs from a good one. */
export interface Change {
  readonly header?: (good: Members, by: Entrant) => Members | string;
  readonly claims?: (good: Members, by: Entrant) => Members | string;
  /** Signs in place of the device's key. */
  readonly sign?: (signed: Uint8Array, by: Entrant) => Uint8Array | Promise<Uint8Array>;
  /** Changes the finished text, whose signature holds. */
  readonly text?: (jwt: string, by: Entrant) => string;
}

export const now = (): number => Math.floor(Date.now() / 1000);

/**
 * A good assertion, or a good proof for a request: the one for a token, unless a token shows that it is
 * another.
 */
export function goodDraft(
  kind: Kind,
  by: Entrant,
  accessToken?: string,
): Draft & Record<keyof Draft, Members> {
  const { alg, publicJwk } = by.key;
  if (kind === 'assertion') {
    const claims = {
      iss: by.device,
      sub: by.device,
      aud: by.address,
      jti: newId(),
      iat: now(),
      exp: now() + 60,
    };
    return { header: { alg, typ: 'JWT' }, claims };
  }
  const target =
    accessToken === undefined
      ? { htm: 'POST', htu: `${by.address}/v1/token` }
      : {
          htm: 'GET',
          htu: `${by.address}/v1/services`,
          ath: toBase64url(sha256(utf8(accessToken))),
        };
  const claims = { ...target, jti: newId(), iat: now(), nonce: by.nonce };
  return { header: { typ: 'dpop+jwt', alg, jwk: publicJwk }, claims };
}

/** The JWT that this change makes out of a good one: rightly signed, unless the change is to the signing. */
export async function changed(
  { header, claims, sign = signer, text = (jwt) => jwt }: Change,
  kind: Kind,
  by: Entrant,
  accessToken?: string,
): Promise<string> {
  const good = goodDraft(kind, by, accessToken);
  const parts = [header?.(good.header, by) ?? good.header, claims?.(good.claims, by) ?? good.claims];
  const signed = parts.map((part) =>
    toBase64url(utf8(typeof part === 'string' ? part : JSON.stringify(part))),
  );
  const input = signed.join('.');
  return text(`${input}.${toBase64url(await sign(utf8(input), by))}`, by);
}

/** The device's own signature. */
export async function signer(signed: Uint8Array, by: { readonly key: ProofKey }): Promise<Uint8Array> {
  const how = by.key.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : by.key.alg;
  const { privateKey } = by.key;
  return new Uint8Array(await crypto.subtle.sign(how, privateKey as CryptoKey, Uint8Array.from(signed)));
}

/** Applies a change to one of the three parts of a compact JWS. */
export function part(index: 0 | 1 | 2, change: (part: string) => string) {
  return (jwt: string): string =>
    jwt
      .split('.')
      .map((text, at) => (at === index ? change(text) : text))
      .join('.');
}
