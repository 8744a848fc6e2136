import Type, { type Static } from 'typebox';
import { Bytes32, Code, Count, Day, Exact, Language, OneOf } from './types.js';

export const MODALITIES = [
  'spoken',
  'written',
  'spoken-via-interpreter',
  'signed-language',
  'pictogram',
  'own-code',
  'telephone',
] as const;
export const REPRESENTATIONS = [
  'none',
  'minor-with-discernment',
  'parent-with-assent',
  'guardian-mena',
  'administrator-of-the-person',
  'mandate',
] as const;

/**
 * How the person consented (docs/protocol/handoff.md, *Consent record*): sealed, read by the receiver and by
 * the auditor.
 */
export const ConsentRecord = Exact({
  purpose: Code,
  fields: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 128 }),
  notice: Exact({ family: Code, version: Count, language: Language, sha256: Bytes32 }),
  /** Language of expression: the notice's own. */
  language: Language,
  modality: OneOf(MODALITIES),
  /** Code of the interpreting service. */
  interpreter: Type.Optional(Code),
  representation: OneOf(REPRESENTATIONS),
  teachBack: Type.Literal(true),
  helpDependsOnConsent: Type.Literal(false),
  alternativesOffered: Type.Array(Code, { maxItems: 20 }),
  day: Day,
  sendUntil: Day,
  keepUntil: Day,
});

export type ConsentRecord = Static<typeof ConsentRecord>;
