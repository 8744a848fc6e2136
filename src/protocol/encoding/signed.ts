import type { TSchema } from 'typebox';
import { sha256 } from '#sha256';
import { fromBase64url, toBase64url, utf8 } from './bytes.js';
import { requireKnown } from './check.js';
import { requireGoodKey, signBytes, thumbprint, verifyBytes, type SigningKey } from '../crypto/keys.js';
import { checkText, refuse } from './errors.js';
import { parseStrict, strictText } from './json.js';
import { SIGNED, type Payload, type SignedTyp } from '../schemas/signed.js';
import { ConsentStatement } from '../schemas/statements.js';

/** Thumbprint (RFC 7638) → raw Ed25519 public key. */
export type Keyring = ReadonlyMap<string, Uint8Array>;

export interface Header {
  readonly alg: string;
  readonly typ: string;
  readonly kid: string;
}

export interface Verified<K extends SignedTyp> {
  readonly kid: string;
  readonly payload: Payload<K>;
}

const HEADER = /^\{"alg":"([^"\\]*)","typ":"([^"\\]*)","kid":"([A-Za-z0-9_-]{43})"\}$/;

/**
 * Signs a payload as a compact JWS with the one header form of docs/protocol/signing.md. Refuses a payload
 * that no verifier would take, or could read; a text is signed as it stands.
 */
export function sign<K extends SignedTyp>(typ: K, payload: Payload<K> | string, key: SigningKey): string {
  const header = `{"alg":"Ed25519","typ":"${typ}","kid":"${key.kid}"}`;
  const body = typeof payload === 'string' ? payload : strictText(requirePayload(typ, payload));
  const signed = `${toBase64url(utf8(header))}.${toBase64url(utf8(body))}`;
  return `${signed}.${toBase64url(signBytes(utf8(signed), key))}`;
}

/**
 * Verifies any signed object of the protocol. Checked in this order: form, base64url, length of the
 * signature, header, alg, typ, kid, key, signature, payload, schema. Anybody may have written the text;
 * nothing of it is read as true before its signature holds.
 */
export function verifySigned<K extends SignedTyp>(text: string, typ: K, keyring: Keyring): Verified<K> {
  return checkText(text, () => verified(text, typ, keyring));
}

function verified<K extends SignedTyp>(text: string, typ: K, keyring: Keyring): Verified<K> {
  const { header, body, signature, signedBytes } = splitSigned(text);
  if (header.alg !== 'Ed25519') refuse('alg');
  if (header.typ !== typ) refuse('typ');
  const key = requireGoodKey(keyring.get(header.kid) ?? refuse('kid'));
  if (thumbprint(key) !== header.kid) refuse('kid');
  if (!verifyBytes(signature, signedBytes, key)) refuse('signature');
  return { kid: header.kid, payload: requirePayload(typ, parseStrict(body)) };
}

/**
 * The payload as its schema types it; `upgrade` where all that is wrong are members that this version does
 * not know.
 */
export function requirePayload<K extends SignedTyp>(typ: K, payload: unknown): Payload<K> {
  return requireKnown(schemaOf(typ, payload), payload, 'schema') as Payload<K>;
}

/** Of a statement the schema of its kind alone: to try all of them takes as long as the signature. */
function schemaOf(typ: SignedTyp, payload: unknown): TSchema {
  if (typ !== 'consent-statement+jws') return SIGNED[typ];
  const { kind } = (payload ?? {}) as { kind?: unknown };
  return ConsentStatement.anyOf.find(({ properties }) => properties.kind.const === kind) ?? ConsentStatement;
}

/** The header before any signature was checked: only to find out which key to look for. */
export function readHeader(text: string): Header {
  return checkText(text, () => splitSigned(text).header);
}

/** Header and payload before any signature was checked: only to find out which keys to look for. */
export function readUnverified(text: string): { header: Header; payload: unknown } {
  return checkText(text, () => {
    const { header, body } = splitSigned(text);
    return { header, payload: parseStrict(body) };
  });
}

/** SHA-256 of a JWS text: how objects name each other. */
export function hashText(text: string): Uint8Array {
  return sha256(utf8(text));
}

function splitSigned(text: string) {
  const parts = text.split('.');
  if (parts.length !== 3) refuse('form');
  const [head, body, signature] = parts.map(fromBase64url) as [Uint8Array, Uint8Array, Uint8Array];
  if (signature.length !== 64) refuse('signature');
  return {
    header: parseHeader(head),
    body,
    signature,
    signedBytes: utf8(text.slice(0, text.lastIndexOf('.'))),
  };
}

/** The header is compared as text, so no parser is needed and nothing can hide in it. */
function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length > 256) refuse('header');
  const [, alg, typ, kid] = HEADER.exec(String.fromCharCode(...bytes)) ?? refuse('header');
  return { alg, typ, kid } as Header;
}
