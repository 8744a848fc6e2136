import Type, { type Static, type TSchema } from 'typebox';
import { HANDOFF_FIELDS, REFUSED_FIELDS } from './handoff-record.js';
import { Code, Day, Exact, Language, Lined, OneOf } from './types.js';

const optional = Type.Optional;
const list = <T extends TSchema>(item: T, minItems: number, maxItems: number) =>
  Type.Array(item, { minItems, maxItems, uniqueItems: true });

const Line = Type.String({ minLength: 1, maxLength: 200 });
const Age = Type.Integer({ minimum: 0, maximum: 150 });

/** The same text in several languages, at least one: language (BCP 47) → text. */
function Texts(maxLength: number) {
  const text = Lined({ minLength: 1, maxLength });
  const options = { additionalProperties: false, minProperties: 1, maxProperties: 20 };
  return Type.Record(Language, text, options);
}

/** A postal code, as the country writes it. */
export const Postcode = Type.String({ pattern: '^[0-9A-Z][0-9A-Z -]{1,10}[0-9A-Z]$' });

const Url = Type.String({ pattern: "^https://[a-z0-9.-]+(/[A-Za-z0-9._~/?=&%+,:'-]*)?$", maxLength: 500 });
const Email = Type.String({
  pattern: '^[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+)*@[a-z0-9-]+(\\.[a-z0-9-]+)+$',
  maxLength: 200,
});
const Phone = Type.String({ pattern: '^\\+?[0-9][0-9 ]{1,28}[0-9]$' });
const Time = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/**
 * Opening hours as parts of an RFC 5545 recurrence, as HSDS's `schedule` has them; all in the charter's time
 * zone.
 */
const Schedule = Exact({
  freq: OneOf(['WEEKLY', 'MONTHLY']),
  /** Every so many weeks or months, counted from that of `dtstart`. */
  interval: optional(Type.Integer({ minimum: 1, maximum: 52 })),
  /** First and last day. */
  dtstart: optional(Day),
  until: optional(Day),
  /** `MO` … `SU`; monthly also `1MO` (the first Monday) … `-1FR` (the last Friday). */
  byday: optional(list(Type.String({ pattern: '^(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)$' }), 1, 35)),
  bymonthday: optional(list(Type.Integer({ minimum: 1, maximum: 31 }), 1, 31)),
  opensAt: Time,
  /** At or before `opensAt`: on the next day. */
  closesAt: Time,
});
export type Schedule = Static<typeof Schedule>;

/** A redacted location has no member for an address: where a shelter stands, the server never learns. */
const Location = Type.Union([
  Exact({ kind: Type.Literal('redacted') }),
  Exact({ kind: Type.Literal('virtual') }),
  Exact({
    kind: Type.Literal('physical'),
    address: Exact({
      line1: Line,
      line2: optional(Line),
      city: Line,
      province: Line,
      postcode: Postcode,
      country: Type.String({ pattern: '^[A-Z]{2}$' }),
    }),
  }),
]);

/** What rules of eligibility may be about: nothing that no handoff may carry. */
export const ELIGIBILITY_TOPICS = [
  'commune',
  'household',
  'gender',
  'languages',
  'documents',
  'animals',
  'housing',
  'insurance',
] as const;

const Topic = OneOf(ELIGIBILITY_TOPICS);
const Values = list(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 -]{0,63}$' }), 1, 100);
const Rule = Type.Union([
  Exact({ about: Type.Literal('age'), atLeast: optional(Age), atMost: optional(Age) }),
  Exact({ about: Topic, oneOf: Values }),
  Exact({ about: Topic, noneOf: Values }),
]);
export type EligibilityRule = Static<typeof Rule>;

const FIELDS = [...HANDOFF_FIELDS.filter((field) => field !== 'answers'), ...REFUSED_FIELDS] as const;

const Question = Exact({
  id: Code,
  type: OneOf(['text', 'choice', 'choices', 'yes-no', 'number', 'date']),
  required: Type.Boolean(),
  labels: Texts(300),
  /** Of `choice` and `choices`, and of no other type. */
  options: optional(list(Exact({ code: Code, labels: Texts(200) }), 1, 50)),
});
export type Question = Static<typeof Question>;

/** What a service asks to be told in a handoff (docs/protocol/registry.md, *Profile*). */
const Intake = Exact({
  /** Without these it cannot begin. */
  requires: list(OneOf(FIELDS), 0, 40),
  /** What else may be passed on to it, beside what may be passed on to every service. */
  offers: list(OneOf(FIELDS), 0, 40),
  /** Its own questions; their answers are the member `answers` of the handoff record. */
  questions: list(Question, 0, 30),
});
export type Intake = Static<typeof Intake>;

/** What a service publishes of itself, whole each time; read by everybody. Nobody's name stands in it. */
export const ServiceProfile = Exact({
  description: Texts(2000),
  url: optional(Url),
  email: optional(Email),
  phones: list(Exact({ number: Phone, description: optional(Texts(200)) }), 0, 10),
  languages: list(Language, 1, 50),
  accessibility: list(Texts(200), 0, 20),
  hours: list(Schedule, 0, 50),
  location: Location,
  /** Postal codes of the communes that it serves; none: no bounds. */
  area: list(Postcode, 0, 300),
  /** Codes of the taxonomy of service types. */
  terms: list(Code, 1, 10),
  eligibility: Exact({ rules: list(Rule, 0, 30), description: optional(Texts(1000)) }),
  intake: Intake,
  /** By whom in which role, and on which day, all this was last checked. */
  lastChecked: Exact({ by: OneOf(['coordinator', 'worker', 'partner', 'observer']), on: Day }),
});
export type ServiceProfile = Static<typeof ServiceProfile>;
