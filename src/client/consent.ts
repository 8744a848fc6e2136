import type { Charter } from '../protocol/charter.js';
import { refuse } from '../protocol/errors.js';
import type { ConsentRecord } from '../protocol/schemas/consent-record.js';
import { addDays } from './days.js';

/** What was asked and what the person decided. Nothing that they decide has a default here. */
export interface Decision {
  readonly purpose: string;
  /** Names of the fields that the person agreed to pass on. */
  readonly fields: readonly string[];
  /** Language in which the notice was read or heard (BCP 47). */
  readonly language: string;
  readonly modality: ConsentRecord['modality'];
  readonly representation: ConsentRecord['representation'];
  /** Code of the interpreting service, never a name. */
  readonly interpreter?: string;
  readonly alternativesOffered: readonly string[];
  /** The person said back in their own words what will happen; without it no consent is recorded. */
  readonly teachBack: true;
  /** Days from today; the charter's defaults when absent. */
  readonly sendUntilDays?: number;
  readonly keepUntilDays?: number;
}

/** The record of the person's decision, as it will lie sealed beside what is passed on. */
export function recordConsent(charter: Charter, today: string, decision: Decision): ConsentRecord {
  if (!charter.purposes.includes(decision.purpose)) refuse('purpose');
  const { language, modality, representation } = decision;
  return {
    purpose: decision.purpose,
    fields: [...new Set(decision.fields)].sort(),
    notice: newestNotice(charter, language),
    language,
    modality,
    ...(decision.interpreter === undefined ? {} : { interpreter: decision.interpreter }),
    representation,
    teachBack: decision.teachBack,
    helpDependsOnConsent: false,
    alternativesOffered: [...decision.alternativesOffered],
    day: today,
    sendUntil: addDays(today, decision.sendUntilDays ?? charter.limits.sendUntilDays.default),
    keepUntil: addDays(today, decision.keepUntilDays ?? charter.limits.keepUntilDays.default),
  };
}

/** The newest version of the network's notice in the language in which it was read to the person. */
function newestNotice(charter: Charter, language: string): ConsentRecord['notice'] {
  const versions = Object.entries(charter.notices)
    .filter(([, texts]) => texts[language] !== undefined)
    .map(([name, texts]) => ({
      family: name.split('@')[0] ?? '',
      version: Number(name.split('@')[1]),
      texts,
    }))
    .sort((a, b) => a.version - b.version);
  const { family, version, texts } = versions.at(-1) ?? refuse('notice');
  return { family, version, language, sha256: texts[language] ?? '' };
}
