import Type, { type Static } from 'typebox';
import { CaseFile } from './trust.js';
import { Bytes32, Count, Exact, Jws } from './types.js';

const Text = Type.String({ maxLength: 65536 });
const Proven = Exact({ jws: Jws, proof: Text });

/**
 * What a holder answers: the case of which a sampled leaf is a statement, or its word on what it has erased.
 */
export const SampleAnswer = Type.Union([CaseFile, Exact({ erasure: Proven })]);
export type SampleAnswer = Static<typeof SampleAnswer>;

/** What an auditor drew, and what was answered besides cases: `relais verify --sample FILE`. */
export const SampleFile = Exact({
  /** 32 random bytes, chosen after the checkpoint was signed. */
  nonce: Bytes32,
  /** Signed note of the consent log. */
  checkpoint: Text,
  count: Type.Integer({ minimum: 1, maximum: 299 }),
  pads: Type.Array(Exact({ index: Count, opening: Bytes32 }), { maxItems: 299 }),
  erasures: Type.Array(Proven, { maxItems: 10_000 }),
});
export type SampleFile = Static<typeof SampleFile>;
