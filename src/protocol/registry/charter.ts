import { sha256 } from '#sha256';
import { toBase64url, utf8 } from '../encoding/bytes.js';
import { requireKnown } from '../encoding/check.js';
import { checkText, refuse } from '../encoding/errors.js';
import { canonicalText, parseStrict } from '../encoding/json.js';
import refer1 from '../consent/notices/refer-1.json' with { type: 'json' };
import { Charter } from '../schemas/charter.js';
import { REFUSED_FIELDS } from '../schemas/handoff-record.js';

export { Charter };

export const DEFAULT_PURPOSES = [
  'addiction-care',
  'administrative-help',
  'day-centre',
  'debt-advice',
  'food-aid',
  'health-care',
  'housing-orientation',
  'legal-aid',
  'mental-health-care',
  'shelter',
] as const;

/** A capacity that was stated longer ago is unknown. The charter has no limit of its own for it yet. */
export const CAPACITY_STALE_HOURS = 72;

/**
 * How many an organisation may have at once where the charter says nothing: far more than one needs, far
 * fewer than harm.
 */
export const DEFAULT_QUOTAS = {
  /** That may speak: neither revoked nor past. */
  devices: 500,
  /** That wait: neither used nor past. */
  invitations: 50,
  /** That it has sent and that have not ended. */
  openReferrals: 5000,
} as const;

export type Quotas = Readonly<Record<keyof typeof DEFAULT_QUOTAS, number>>;

export function quotasOf({ quotas }: Pick<Charter, 'quotas'>): Quotas {
  return { ...DEFAULT_QUOTAS, ...quotas };
}

/**
 * A sober charter to found a network with: everything that it leaves open is decided later, by vote.
 * @example
 * const info = await readNetwork(transport);
 * const { public: own } = prepareFounder(info, 'La Ruelle', ['maraude']);
 * const charter = defaultCharter('Réseau de la ville', [{ organisation: own.id, root: own.root }]);
 */
export function defaultCharter(name: string, members: Charter['members']): Charter {
  return {
    version: 1,
    name,
    languages: Object.keys(refer1).sort(),
    timeZone: 'Europe/Brussels',
    members: [...members].sort((a, b) => (a.root < b.root ? -1 : 1)),
    reach: 'network',
    purposes: [...DEFAULT_PURPOSES],
    notices: { 'refer@1': noticeHashes(refer1) },
    refusedFields: REFUSED_FIELDS.map((field) => ({ field, exceptFor: [] })),
    limits: { sendUntilDays: { default: 14, max: 30 }, keepUntilDays: { default: 120, max: 365 } },
    respondWithinHours: { stat: 24, urgent: 72, routine: 336 },
    retentionDays: { statements: 1095, closedReferrals: 365 },
    objectives: [],
    statistics: [],
    witnesses: [],
    quorum: 'none',
    auditors: [],
    observers: [],
    voting: {
      deadlineDays: 7,
      ordinary: { participationPercent: 50 },
      qualified: { numerator: 2, denominator: 3 },
    },
    publishing: { delaySeconds: 3600 },
  };
}

/**
 * Reads a charter's text; refuses one that is not canonical, so that one charter has one hash, and one of a
 * newer version (`upgrade`).
 */
export function parseCharter(text: string): Charter {
  return checkText(text, () => {
    const charter = requireKnown(Charter, parseStrict(text), 'charter');
    return canonicalText(charter) === text ? charter : refuse('charter');
  });
}

/**
 * Whose people audit or observe, the members have decided in the charter; a coordinator alone cannot make
 * one. @throws Refused role
 */
export function requireAppointed(
  role: 'worker' | 'coordinator' | 'auditor' | 'observer',
  organisation: string,
  { auditors, observers }: Pick<Charter, 'auditors' | 'observers'>,
): void {
  if (role === 'auditor' && !auditors.includes(organisation)) refuse('role', '/role');
  if (role === 'observer' && !observers.includes(organisation)) refuse('role', '/role');
}

/** SHA-256 of the canonical text, base64url: what the founders sign. */
export function charterHash(charter: Charter): string {
  return textHash(canonicalText(charter));
}

export function textHash(text: string): string {
  return toBase64url(sha256(utf8(text)));
}

function noticeHashes(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, textHash(text)]));
}
