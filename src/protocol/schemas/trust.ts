import Type, { type Static } from 'typebox';
import { Bytes32, Exact, Id, Jws } from './types.js';

const Keys = Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { minItems: 1, maxItems: 100 });

/**
 * What a verifier is given on paper: `relais verify --trust FILE`. Log keys are the vkeys of C2SP signed
 * notes.
 */
export const TrustFile = Exact({
  network: Id,
  logs: Exact({ consent: Keys, registry: Keys }),
  roots: Type.Array(Bytes32, { minItems: 1, maxItems: 1000 }),
  /** Text of the policy (C2SP tlog-policy) of a network with witnesses; without it no witness is believed. */
  policy: Type.Optional(Type.String({ maxLength: 65536 })),
});
export type TrustFile = Static<typeof TrustFile>;

const Text = Type.String({ maxLength: 65536 });

const statements = Type.Array(Exact({ jws: Jws, proof: Text }), { minItems: 1, maxItems: 64 });
const CaseTexts = Exact({
  statements,
  consentRecord: Text,
  fields: Text,
  salts: Exact({ fields: Bytes32, consentRecord: Bytes32 }),
});
/** Without the sealed texts: what a person still has when what was passed on is erased. */
const CaseStatements = Exact({ statements });
/**
 * One opened case: `cases/‹n›.json`, written by a holder's client after publication, or the person's own
 * copy.
 */
export const CaseFile = Type.Union([CaseTexts, CaseStatements]);
export type CaseTexts = Static<typeof CaseTexts>;
export type CaseFile = Static<typeof CaseFile>;
