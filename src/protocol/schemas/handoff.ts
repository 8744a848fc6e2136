import Type, { type Static } from 'typebox';
import { HandoffRecord } from './handoff-record.js';
import { Bytes32, Bytes32OrNull, Count, Day, Exact, Jws, Lined } from './types.js';

const Text = Lined({ maxLength: 65536 });

/**
 * What lies sealed: the record as an object; consent record and field list as the very texts that are
 * committed to.
 */
export const Handoff = Exact({
  ctx: Bytes32,
  record: HandoffRecord,
  consentRecord: Text,
  fields: Text,
  salts: Exact({ fields: Bytes32, consentRecord: Bytes32 }),
  certificate: Jws,
});
export const Message = Exact({
  ctx: Bytes32,
  day: Day,
  number: Type.Refine(Count, (number) => number > 0),
  previous: Bytes32OrNull,
  text: Text,
  /** The person asks that something be corrected: withdrawn, and written anew with them. */
  kind: Type.Optional(Type.Literal('correction')),
  certificate: Type.Optional(Jws),
});

export type Handoff = Static<typeof Handoff>;
export type Message = Static<typeof Message>;
