import Type, { type Static } from 'typebox';
import { MODALITIES, REPRESENTATIONS } from '../../protocol/schemas/consent-record.js';
import { HandoffRecord } from '../../protocol/schemas/handoff-record.js';
import { Code, Day, Exact, Id, Language, OneOf, RecordOf } from '../../protocol/schemas/types.js';

const optional = Type.Optional;
const Days = Type.Integer({ minimum: 1, maximum: 3650 });

/** Routes that take no body take none, or an empty object. */
export const Nothing = Type.Union([Exact({}), Type.Null(), Type.Undefined()]);

export const IdParams = Exact({ id: Id });
export const LanguageParams = Exact({ language: Language });

export const JoinBody = Exact({ code: Type.String({ minLength: 25, maxLength: 100 }) });
export type JoinBody = Static<typeof JoinBody>;

/** What the person decided, when they were asked: nothing of it has a default. */
const Consent = Exact({
  purpose: Code,
  fields: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 128 }),
  language: Language,
  modality: OneOf(MODALITIES),
  representation: OneOf(REPRESENTATIONS),
  interpreter: optional(Code),
  alternativesOffered: Type.Array(Code, { maxItems: 20 }),
  teachBack: Type.Literal(true),
  sendUntilDays: optional(Days),
  keepUntilDays: optional(Days),
});

export const DraftBody = Exact({
  from: Id,
  to: Id,
  consent: Consent,
  record: HandoffRecord,
  priority: OneOf(['routine', 'urgent', 'stat']),
  word: optional(Type.String({ minLength: 1, maxLength: 100 })),
});
export type DraftBody = Static<typeof DraftBody>;

export const ListQuery = Exact({
  box: OneOf(['inbox', 'outbox']),
  state: optional(OneOf(['open', 'closed'])),
  after: optional(Type.String({ minLength: 1, maxLength: 1000 })),
});
export type ListQuery = Static<typeof ListQuery>;

export const TransitionBody = Exact({
  event: OneOf(['accept', 'decline', 'start', 'hold', 'complete', 'fail', 'recall']),
  statusReason: optional(Code),
  outcome: optional(Code),
  reviewOn: optional(Day),
});
export type TransitionBody = Static<typeof TransitionBody>;

export const FiguresQuery = Exact({ language: optional(OneOf(['en', 'fr', 'nl'])) });
export type FiguresQuery = Static<typeof FiguresQuery>;

const Column = Type.String({ minLength: 1, maxLength: 200 });

export const ImportBody = Exact({
  to: Id,
  format: OneOf(['csv', 'json']),
  text: Type.String({ maxLength: 1_000_000 }),
  mapping: RecordOf(Column, Column),
});
export type ImportBody = Static<typeof ImportBody>;
