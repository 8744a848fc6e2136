import reasonCodes from '../../../src/protocol/referral/reason-codes.json' with { type: 'json' };
import {
  ERASING_STATUSES,
  findTransition,
  isOthersReason,
  isTerminal,
  type Status,
  type Transition,
} from '../../../src/protocol/referral/state-machine.js';

export type Side = 'source' | 'target' | 'person';

/** What a referral is, by the data file and the sentences of its guards. */
export interface ReferralModel {
  status: Status;
  statusReason: string | null;
  consentState: 'released' | 'received' | 'withdrawn' | 'invalidated';
  businessStatus: string | null;
  responsible: 'source' | 'target';
  readonly kind: string;
  readonly sendUntil: string;
  keepUntil: string;
  /** The server no longer has the content. */
  erased: boolean;
  /** As the services were last told. */
  respondBy: string | null;
  remindedAt: string | null;
  /** By the database, after the last jump. */
  today: string;
  now: number;
}

/** One try at an act: who, what, and with which of the codes that it may have. */
export interface Try {
  readonly event: string;
  readonly side: Side;
  readonly pick: number;
}

/** The code with which an act is tried: one of its own list that is not another's to say. */
export function codeFor({ event, pick }: Try): string | undefined {
  const { reason, outcome, actor, businessStatus } = transitionOf(event);
  const list = reason ?? outcome ?? (businessStatus && 'businessStatus');
  if (list === undefined) return undefined;
  const own = reasonCodes[list].filter(
    (code) => code !== 'redirect-proposed' && !isOthersReason(code, actor),
  );
  return own[pick % own.length];
}

export function transitionOf(event: string): Transition {
  const transition = findTransition(event);
  if (!transition) throw new Error(event);
  return transition;
}

/** The model after an act, or undefined where it has to be refused. */
export function after(model: ReferralModel, tried: Try): ReferralModel | undefined {
  if (tried.event === 'withdraw-consent') return withdrawn(model);
  const { from, to, actor, fixedReason } = transitionOf(tried.event);
  if (!from.includes(model.status) || actor.split(',')[0] !== tried.side) return undefined;
  if (!isAllowed(model, tried.event)) return undefined;
  const code = codeFor(tried) ?? null;
  if (to === null) return noted(model, tried.event, code);
  const closes = isTerminal(to);
  const isAsked = model.businessStatus === 'info-requested';
  return {
    ...model,
    status: to,
    statusReason: to === 'completed' ? null : (fixedReason ?? code),
    consentState: consentAfter(model, tried.event),
    businessStatus: closes || isAsked ? null : model.businessStatus,
    responsible: tried.event === 'return' ? 'source' : model.responsible,
    erased: model.erased || ERASING_STATUSES.includes(to),
  };
}

/** Never refused, and final. */
function withdrawn(model: ReferralModel): ReferralModel {
  const isOpen = !isTerminal(model.status);
  const ended = { status: 'cancelled', statusReason: 'consent-withdrawn', businessStatus: null } as const;
  return { ...model, ...(isOpen && ended), consentState: 'withdrawn', erased: true };
}

function isAllowed(model: ReferralModel, event: string): boolean {
  const { businessStatus, remindedAt, now } = model;
  switch (event) {
    case 'acknowledge':
      return model.today <= model.sendUntil;
    case 'release':
      return model.kind === 'transfer' && model.responsible === 'source';
    case 'request-info':
      return businessStatus !== 'info-requested';
    case 'provide-info':
      return businessStatus === 'info-requested';
    case 'reminder':
      return remindedAt === null || Date.parse(remindedAt) + 24 * 3_600_000 <= now;
    case 'extend-deadline':
      return Date.parse(model.respondBy ?? '') < Date.parse(model.keepUntil);
    case 'renew-consent':
      return model.today <= model.keepUntil;
    case 'void':
      return model.consentState !== 'withdrawn';
    default:
      return true;
  }
}

function noted(model: ReferralModel, event: string, code: string | null): ReferralModel {
  if (event === 'release') return { ...model, responsible: 'target' };
  if (event === 'request-info') return { ...model, businessStatus: 'info-requested' };
  if (event === 'provide-info') return { ...model, businessStatus: null };
  return event === 'business-status' ? { ...model, businessStatus: code } : { ...model };
}

function consentAfter({ consentState }: ReferralModel, event: string): ReferralModel['consentState'] {
  if (event === 'acknowledge') return 'received';
  return event === 'void' ? 'invalidated' : consentState;
}

/** What time itself does, the person's own date first. */
export function afterTime(model: ReferralModel): ReferralModel {
  const erased = model.erased || model.today > model.keepUntil;
  const isUnopened = model.status === 'requested';
  const isDue = model.respondBy !== null && Date.parse(model.respondBy) < model.now;
  if (isUnopened && model.today > model.sendUntil) return lapsed(model, 'consent-expire');
  if (isDue && transitionOf('expire').from.includes(model.status)) return lapsed(model, 'expire');
  return { ...model, erased };
}

function lapsed(model: ReferralModel, event: string): ReferralModel {
  const { fixedReason = null } = transitionOf(event);
  return { ...model, status: 'cancelled', statusReason: fixedReason, businessStatus: null, erased: true };
}
