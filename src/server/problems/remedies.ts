import type { ErrorCode } from '../common/errors/index.js';
import remedies from './remedies.json' with { type: 'json' };

/** For whoever reads an answer and asks what now: why it was given, and what helps. */
interface Remedy {
  readonly cause: string;
  readonly remedy: string;
}

export const LANGUAGES = ['fr', 'nl', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every code in every language: a code without one does not compile. */
export const REMEDIES: Readonly<Record<ErrorCode, Readonly<Record<Language, Remedy>>>> = remedies;
