import Type, { type TSchema, type TString } from 'typebox';
import { fromBase64url, isId } from '../encoding/bytes.js';
import { requireGoodKey } from '../crypto/keys.js';

/** True where `test` neither throws nor answers false; refinements must never throw. */
function isTrue(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** An object with exactly these members: unknown ones are refused everywhere. */
export function Exact<T extends Parameters<typeof Type.Object>[0]>(members: T) {
  return Type.Object(members, { additionalProperties: false });
}

/** An object whose member names all have one form; others are refused. */
export function RecordOf<T extends TSchema>(name: TString, value: T) {
  return Type.Record(name, value, { additionalProperties: false });
}

/** One of a closed list of words. */
export function OneOf<const T extends string[]>(values: readonly [...T]) {
  return Type.Enum(values);
}

export const Id = Type.Refine(Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }), isId);

/** `YYYY-MM-DD`, a day that exists, from the year 2000 on. */
export const Day = Type.Refine(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }), isDay);

export function isDay(text: string): boolean {
  return isTrue(() => text >= '2000-01-01' && new Date(text).toISOString().slice(0, 10) === text);
}

/** Canonical base64url of exactly `length` bytes. */
export function Bytes(length: number) {
  const characters = Math.ceil((length * 4) / 3);
  const form = { pattern: '^[A-Za-z0-9_-]*$', minLength: characters, maxLength: characters };
  return Type.Refine(Type.String(form), (text) => isTrue(() => fromBase64url(text).length === length));
}

export const Bytes32 = Bytes(32);
export const Bytes32OrNull = Type.Union([Bytes32, Type.Null()]);

/** A raw Ed25519 key, base64url, neither off the curve nor of small order. */
export const GoodKey = Type.Refine(Bytes32, (text) =>
  isTrue(() => requireGoodKey(fromBase64url(text)).length === 32),
);

/** A raw X-Wing public key, base64url. */
export const BoxPublicKey = Bytes(1216);

/**
 * A lower-case word. Codes name members as well (`answers`), and no parser takes a member of these two names.
 */
export const Code = Type.String({ pattern: '^(?!(constructor|prototype)$)[a-z][a-z0-9-]{0,63}$' });
export const Notice = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}@[1-9][0-9]{0,5}$' });
export const Epoch = Type.String({ pattern: '^[0-9]{4}-(0[1-9]|1[0-2])\\.[1-9][0-9]{0,3}$' });
export const Name = Type.String({ minLength: 1, maxLength: 512 });
/** A text that people write and read with its line ends: every other text is one line (plain-text.ts). */
export function Lined(options: { minLength?: number; maxLength: number }) {
  return Type.String({ ...options, lines: true });
}
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** BCP 47, as far as it is used here. */
export const Language = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', maxLength: 35 });
export const Jws = Type.String({ minLength: 1, maxLength: 65536 });

export const Named = Exact({ id: Id, name: Name });
