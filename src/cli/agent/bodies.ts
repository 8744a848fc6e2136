import Type, { type Static } from 'typebox';
import { isBase64url } from '../../protocol/encoding/bytes.js';
import { MODALITIES, REPRESENTATIONS } from '../../protocol/schemas/consent-record.js';
import { HandoffRecord } from '../../protocol/schemas/handoff-record.js';
import { ROLES, WitnessUrl } from '../../protocol/schemas/registry.js';
import {
  Bytes32,
  Code,
  Day,
  Exact,
  GoodKey,
  Id,
  Language,
  OneOf,
  RecordOf,
} from '../../protocol/schemas/types.js';

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
  /** A transfer can be released: the receiving service then answers for it alone. */
  kind: optional(OneOf(['referral', 'transfer'])),
  /**
   * Files that the person agreed to pass on; `type` is a media type, or empty where nobody knows; `content`
   * base64url.
   */
  attachments: optional(
    Type.Array(Exact({ type: optional(Type.String({ maxLength: 200 })), content: Type.String() }), {
      maxItems: 10,
    }),
  ),
  word: optional(Type.String({ minLength: 1, maxLength: 100 })),
  secondCode: optional(Type.Literal(true)),
});
export type DraftBody = Static<typeof DraftBody>;

const page = {
  /** `next` of the page before. */
  after: optional(Type.String({ minLength: 1, maxLength: 1000 })),
  limit: optional(Type.String({ pattern: '^([1-9][0-9]?|100)$' })),
};

/** Which page of a list. */
export const ListOf = Exact(page);
export type ListOf = Static<typeof ListOf>;

export const ListQuery = Exact({
  ...page,
  box: OneOf(['inbox', 'outbox']),
  state: optional(OneOf(['open', 'closed'])),
});
export type ListQuery = Static<typeof ListQuery>;

/** Acts that sign nothing. Which member goes with which, the state machine says. */
export const TransitionBody = Exact({
  event: OneOf([
    'accept',
    'decline',
    'start',
    'hold',
    'complete',
    'fail',
    'return',
    'recall',
    'release',
    'request-info',
    'provide-info',
    'extend-deadline',
    'reminder',
    'business-status',
  ]),
  statusReason: optional(Code),
  outcome: optional(Code),
  reviewOn: optional(Day),
  businessStatus: optional(Code),
  redirectTo: optional(Type.Array(Id, { minItems: 1, maxItems: 3 })),
});
export type TransitionBody = Static<typeof TransitionBody>;

export const RenewalBody = Exact({ keepUntil: Day });
export type RenewalBody = Static<typeof RenewalBody>;

export const MessageBody = Exact({ text: Type.String({ minLength: 1, maxLength: 10_000 }) });
export type MessageBody = Static<typeof MessageBody>;

export const FileParams = Exact({ id: Id, attachment: Id });

export const ServiceQuery = Exact({ ...page, service: Id });
export type ServiceQuery = Static<typeof ServiceQuery>;

export const ErasedBody = Exact({ service: Id, referrals: Type.Array(Id, { minItems: 1, maxItems: 1000 }) });
export type ErasedBody = Static<typeof ErasedBody>;

export const EventsQuery = Exact({
  service: Id,
  after: optional(Type.String({ minLength: 1, maxLength: 1000 })),
  wait: optional(Type.String({ pattern: '^([0-9]|1[0-9]|2[0-5])$' })),
});
export type EventsQuery = Static<typeof EventsQuery>;

const Text = Type.String({ minLength: 1, maxLength: 200 });

export const SearchBody = Exact({
  text: optional(Text),
  language: optional(Language),
  term: optional(Code),
  near: optional(Type.String({ minLength: 1, maxLength: 20 })),
  openNow: optional(Type.Boolean()),
  free: optional(Type.Boolean()),
});
export type SearchBody = Static<typeof SearchBody>;

const Places = Type.Integer({ minimum: 0, maximum: 1_000_000 });

export const CapacityBody = Exact({
  unit: OneOf(['place', 'bed', 'room', 'appointment', 'meal', 'hour']),
  available: Places,
  maximum: optional(Places),
  waiting: optional(Places),
});
export type CapacityBody = Static<typeof CapacityBody>;

export const HoldBody = Exact({ token: Bytes32 });
export type HoldBody = Static<typeof HoldBody>;

export const FiguresQuery = Exact({ language: optional(OneOf(['en', 'fr', 'nl'])) });
export type FiguresQuery = Static<typeof FiguresQuery>;

const Column = Type.String({ minLength: 1, maxLength: 200 });

const Import = { to: Id, format: OneOf(['csv', 'json']), mapping: RecordOf(Column, Column) };

/** A table as text, or as the bytes of its file in base64url: then no encoding is guessed on the way. */
export const ImportBody = Type.Union([
  Exact({ ...Import, text: Type.String({ maxLength: 1_000_000 }) }),
  Exact({ ...Import, bytes: Type.Refine(Type.String({ maxLength: 1_400_000 }), isBase64url) }),
]);
export type ImportBody = Static<typeof ImportBody>;

/** The organisation's paper code, typed by who keeps it: used at once, and kept nowhere. */
export const AppointBody = Exact({ paperCode: Type.String({ minLength: 25, maxLength: 100 }) });
export type AppointBody = Static<typeof AppointBody>;

export const InvitationBody = Exact({
  role: OneOf(ROLES),
  services: Type.Array(Id, { maxItems: 256 }),
});
export type InvitationBody = Static<typeof InvitationBody>;

export const KnownBody = Exact({ index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) });
export type KnownBody = Static<typeof KnownBody>;

export const WitnessBody = Exact({ key: GoodKey, url: optional(WitnessUrl) });
export type WitnessBody = Static<typeof WitnessBody>;

export const WebAppBody = Exact({ manifest: Type.String({ minLength: 1, maxLength: 200_000 }) });
export type WebAppBody = Static<typeof WebAppBody>;
