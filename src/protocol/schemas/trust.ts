import Type, { type Static } from 'typebox';
import { Bytes32, Exact, Id, Jws } from './types.js';

const Keys = Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { minItems: 1, maxItems: 100 });

/** What a verifier is given on paper: `relais verify --trust FILE`. Log keys are the vkeys of C2SP signed notes. */
export const TrustFile = Exact({
  network: Id,
  logs: Exact({ consent: Keys, registry: Keys }),
  roots: Type.Array(Bytes32, { minItems: 1, maxItems: 1000 }),
  /** Text of the policy (C2SP tlog-policy) of a network with witnesses; without it no witness is believed. */
  policy: Type.Optional(Type.String({ maxLength: 65536 })),
});
export type TrustFile = Static<typeof TrustFile>;

const Text = Type.String({ maxLength: 65536 });

/** One opened case: `cases/‹n›.json`, written by a holder's client after publication. */
export const CaseFile = Exact({
  statements: Type.Array(Exact({ jws: Jws, proof: Text }), { minItems: 1, maxItems: 64 }),
  consentRecord: Text,
  fields: Text,
  salts: Exact({ fields: Bytes32, consentRecord: Bytes32 }),
});
export type CaseFile = Static<typeof CaseFile>;
