import type { Charter } from '../../protocol/registry/charter.js';
import { check } from '../../protocol/encoding/check.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { addDays } from '../../protocol/encoding/days.js';
import { ConsentRecord } from '../../protocol/schemas/consent-record.js';
import { newestNotice, REFERRAL_NOTICE } from '../translations/notice.js';

/** What was asked and what the person decided. Nothing that they decide has a default here. */
export interface Decision {
  readonly purpose: string;
  /** Names of the fields that the person agreed to pass on. */
  readonly fields: readonly string[];
  /** Family of the notice that was read to them, `refer` when absent; its words are those of `noticeText`. */
  readonly notice?: string;
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

/**
 * The record of the person's decision, as it will lie sealed beside what is passed on. Refuses a decision
 * that the charter does not allow, or that says anything else than that the person was free and has
 * understood.
 * @throws Refused `purpose`, `notice`, `interpreter`, `representation`, `dates`, `consent-record`: what of
 * the decision the charter, or itself, does not allow
 * @example
 * const consent = recordConsent(await device.charter(), await device.today(), {
 *   ...{ purpose: 'health-care', fields: ['calledName'], alternativesOffered: [] },
 *   ...{ language: 'fr', modality: 'spoken', representation: 'none', teachBack: true },
 * });
 */
export function recordConsent(charter: Charter, today: string, decision: Decision): ConsentRecord {
  if (!charter.purposes.includes(decision.purpose)) refuse('purpose');
  requireMode(decision);
  const { language, modality, representation, notice = REFERRAL_NOTICE } = decision;
  const record = {
    purpose: decision.purpose,
    fields: [...new Set(decision.fields)].sort(),
    notice: newestNotice(charter, language, notice),
    language,
    modality,
    ...(decision.interpreter === undefined ? {} : { interpreter: decision.interpreter }),
    representation,
    teachBack: decision.teachBack,
    helpDependsOnConsent: false,
    alternativesOffered: [...decision.alternativesOffered],
    day: today,
    ...lastDays(charter, today, decision),
  };
  return check(ConsentRecord, record) ? record : refuse('consent-record');
}

/** In which modes somebody interprets; in the others a code of theirs would be a mistake. */
const INTERPRETED = new Map([
  ['spoken-via-interpreter', 'always'],
  ['signed-language', 'perhaps'],
]);
/** Who decides alone: only they can do it with their own code. */
const ALONE: readonly string[] = ['none', 'minor-with-discernment'];

/** How somebody decided says no two things at once. What was recorded before these rules still opens. */
function requireMode({ modality, interpreter, representation }: Decision): void {
  const interpreted = INTERPRETED.get(modality);
  const isMissing = interpreted === 'always' && interpreter === undefined;
  if (isMissing || (interpreter !== undefined && interpreted === undefined)) refuse('interpreter');
  if (modality === 'own-code' && !ALONE.includes(representation)) refuse('representation');
}

function lastDays(
  { limits }: Charter,
  today: string,
  decision: Decision,
): Pick<ConsentRecord, 'sendUntil' | 'keepUntil'> {
  const send = decision.sendUntilDays ?? limits.sendUntilDays.default;
  const keep = decision.keepUntilDays ?? limits.keepUntilDays.default;
  const isAllowed = send <= limits.sendUntilDays.max && keep <= limits.keepUntilDays.max && send <= keep;
  if (!isAllowed) refuse('dates');
  return { sendUntil: addDays(today, send), keepUntil: addDays(today, keep) };
}
