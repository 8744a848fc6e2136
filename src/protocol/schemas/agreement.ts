import Type from 'typebox';
import { Bytes32, Code, Day, Exact, Id, Language, OneOf } from './types.js';

/** Which service may refer to which. */
const Route = Exact({ from: Id, to: Id });

/**
 * An agreement (convention) between organisations. Every party signs these very bytes, so the payload names
 * no signer: whose coordinator signed, the registry tells.
 */
export const Agreement = Exact({
  network: Id,
  agreement: Id,
  /** Organisations, in ascending order. */
  parties: Type.Array(Id, { minItems: 2, maxItems: 16, uniqueItems: true }),
  routes: Type.Array(Route, { minItems: 1, maxItems: 32, uniqueItems: true }),
  purposes: Type.Array(Code, { minItems: 1, maxItems: 32, uniqueItems: true }),
  kind: OneOf(['referral', 'transfer']),
  /** Both days included. */
  from: Day,
  until: Day,
  /** Days between a party's word that it ends the agreement and the end. */
  noticeDays: Type.Integer({ minimum: 0, maximum: 365 }),
  /** SHA-256 of the text that was agreed on, and its language. */
  textHash: Bytes32,
  language: Language,
});

/**
 * One party alone ends an agreement, or does not sign one: `from` is the first day on which it no longer
 * holds.
 */
export const AgreementEnd = Exact({ network: Id, agreement: Id, organisation: Id, from: Day });
