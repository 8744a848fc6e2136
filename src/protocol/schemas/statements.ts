import Type, { type Static, type TProperties } from 'typebox';
import {
  Bytes32,
  Bytes32OrNull,
  Code,
  Count,
  Day,
  Exact,
  GoodKey,
  Id,
  Name,
  Notice,
  OneOf,
} from './types.js';

/** Codes of *entered-in-error* in reason-codes.json. */
const INVALIDATION_REASONS = ['wrong-service', 'wrong-person', 'test-entry', 'sent-twice'] as const;

/** Members that every statement about one consent has (docs/protocol/log.md, *Statements*). */
function about<const K extends string, T extends TProperties>(kind: K, members: T) {
  return Exact({
    log: Name,
    kind: Type.Literal(kind),
    consent: Id,
    referral: Id,
    prev: Bytes32OrNull,
    day: Day,
    ...members,
  });
}

export const ConsentGiven = about('consent.given', {
  /** Null when the person refers themselves. */
  from: Type.Union([Id, Type.Null()]),
  to: Id,
  purpose: Code,
  notice: Notice,
  sendUntil: Day,
  keepUntil: Day,
  person: GoodKey,
  personBox: Bytes32,
  fields: Bytes32,
  consentRecord: Bytes32,
  own: Type.Optional(Bytes32),
});
export const HandoffReleased = about('handoff.released', {
  toKey: Bytes32,
  fields: Bytes32,
  digest: Bytes32,
});
export const HandoffReceived = about('handoff.received', {});
export const ConsentRenewed = about('consent.renewed', { keepUntil: Day });
export const ConsentWithdrawn = about('consent.withdrawn', {
  means: OneOf(['own-code', 'on-word']),
  by: OneOf(['person', 'source', 'target']),
});
export const ConsentInvalidated = about('consent.invalidated', {
  reason: OneOf(INVALIDATION_REASONS),
  decision: Type.Optional(Bytes32),
});
export const ErasureDone = Exact({
  log: Name,
  kind: Type.Literal('erasure.done'),
  service: Id,
  day: Day,
  leaves: Type.Array(Type.Tuple([Count, Count]), { minItems: 1 }),
});

export const ConsentStatement = Type.Union([
  ConsentGiven,
  HandoffReleased,
  HandoffReceived,
  ConsentRenewed,
  ConsentWithdrawn,
  ConsentInvalidated,
  ErasureDone,
]);

/** The person's own word in a consent where they act themselves: `given` without what the service adds. */
export const ConsentWord = Exact({
  log: Name,
  consent: Id,
  referral: Id,
  from: Type.Union([Id, Type.Null()]),
  to: Id,
  purpose: Code,
  notice: Notice,
  sendUntil: Day,
  keepUntil: Day,
  fields: Bytes32,
  consentRecord: Bytes32,
  day: Day,
});

export type ConsentGiven = Static<typeof ConsentGiven>;
export type HandoffReleased = Static<typeof HandoffReleased>;
export type HandoffReceived = Static<typeof HandoffReceived>;
export type ConsentRenewed = Static<typeof ConsentRenewed>;
export type ConsentWithdrawn = Static<typeof ConsentWithdrawn>;
export type ConsentInvalidated = Static<typeof ConsentInvalidated>;
export type ErasureDone = Static<typeof ErasureDone>;
export type ConsentStatement = Static<typeof ConsentStatement>;
/** Every statement but `erasure.done`, which names no consent. */
export type ChainStatement = Exclude<ConsentStatement, ErasureDone>;
