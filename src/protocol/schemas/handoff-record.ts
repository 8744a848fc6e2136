import Type, { type Static } from 'typebox';
import { Bytes32, Code, Count, Exact, Id, Language, Lined, OneOf, RecordOf } from './types.js';

const Line = Type.String({ minLength: 1, maxLength: 200 });
const Paragraph = Lined({ minLength: 1, maxLength: 500 });
const Lines = Type.Array(Line, { maxItems: 20 });
const optional = Type.Optional;
type OptionalParagraph = ReturnType<typeof optional<typeof Paragraph>>;

/** An attachment as the record names it: whoever reads the record can fetch and open it, and nobody else. */
export const Attachment = Exact({
  id: Id,
  key: Bytes32,
  /** Of the sealed body. */
  sha256: Bytes32,
  /** Of the content, in bytes. */
  size: Count,
  type: Line,
});

export type Attachment = Static<typeof Attachment>;

/**
 * What no handoff may carry, unless the network has voted an exception for the receiving service
 * (docs/protocol/handoff.md, *Record*).
 */
export const REFUSED_FIELDS = [
  'nationalRegisterNumber',
  'passportNumber',
  'unhcrNumber',
  'fileNumber',
  'nationality',
  'residenceStatus',
  'photo',
  'biometrics',
  'dateOfBirth',
  'shelterAddress',
  'religion',
  'ethnicity',
  'sexualOrientation',
  'criminalData',
  'thirdPersonNames',
] as const;

/** What may be passed on, every member by the person's choice (docs/protocol/handoff.md, *Record*). */
const USUAL = {
  /** What the person wants to be called; an alias or a case code will do. */
  calledName: optional(Line),
  contactMode: optional(
    Exact({
      mode: OneOf([
        'worker-accompanies',
        'person-will-come',
        'via-referrer',
        'phone',
        'message',
        'do-not-contact',
      ]),
      safeTimes: optional(Line),
      mayLeaveMessage: optional(Type.Boolean()),
    }),
  ),
  contactValue: optional(Line),
  spokenLanguages: optional(Type.Array(Language, { maxItems: 20 })),
  interpreterNeeded: optional(Type.Boolean()),
  servicesRequested: optional(Lines),
  reason: optional(Paragraph),
  alreadyDone: optional(Lines),
  /** Factual, read together with the person, or absent. */
  safetyNotes: optional(Paragraph),
  referrerContact: optional(Line),
  ageBand: optional(Line),
  minorCaregiver: optional(Line),
  genderPronouns: optional(Line),
  household: optional(Line),
  accessibilityNeeds: optional(Lines),
  commune: optional(Line),
  /** Types only, never numbers. */
  documentsHeld: optional(Lines),
  relevantHealthFacts: optional(Paragraph),
  desiredOutcome: optional(Paragraph),
  availability: optional(Line),
  attachments: optional(Type.Array(Attachment, { maxItems: 10 })),
  /** The service's own intake questions, by their code. */
  answers: optional(RecordOf(Code, Paragraph)),
};

const excepted = Object.fromEntries(REFUSED_FIELDS.map((field) => [field, optional(Paragraph)]));

/**
 * The sealed record: the usual members, and those that the charter in force may allow the receiving service.
 */
export const HandoffRecord = Exact({
  ...(excepted as Record<(typeof REFUSED_FIELDS)[number], OptionalParagraph>),
  ...USUAL,
});

export type HandoffRecord = Static<typeof HandoffRecord>;

/** Names of the members of every handoff, as a consent lists them. */
export const HANDOFF_FIELDS = Object.keys(USUAL) as (keyof typeof USUAL)[];
