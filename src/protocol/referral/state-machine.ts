import reasonCodes from './reason-codes.json' with { type: 'json' };
import type { ChainStatement } from '../schemas/statements.js';
import machine from './referral-state-machine.json' with { type: 'json' };

/** FHIR R4 Task words. `draft` lives on the sender's device only. */
export type Status = keyof typeof machine.states;

export interface Transition {
  readonly event: string;
  /** Who acts, in the words of the data file. */
  readonly actor: string;
  readonly from: readonly Status[];
  /** Null where the event does not change the state. */
  readonly to: Status | null;
  /** The state whose list of reason codes applies, where the event needs a coded reason. */
  readonly reason?: ReasonList;
  readonly outcome?: 'completed';
  readonly fixedReason?: string;
  /** The event says a code of `businessStatus`. */
  readonly businessStatus?: true;
  /** Kinds of the statements that the act signs and logs. */
  readonly statements?: readonly ChainStatement['kind'][];
}

export type ReasonList = 'rejected' | 'on-hold' | 'cancelled' | 'failed' | 'completed' | 'entered-in-error';

/** That the file has this form, its spec holds. */
const TRANSITIONS = [...machine.transitions, ...machine.statelessEvents] as unknown as readonly Transition[];

/** Every event of the data file, in its order. */
export const EVENTS = TRANSITIONS.map(({ event }) => event);
/** What a service can ask for once a referral was sent. */
export const ACTS = TRANSITIONS.filter(({ actor, from }) => actor !== 'clock' && !from.includes('draft')).map(
  ({ event }) => event,
);

export const STATUSES = Object.keys(machine.states) as Status[];
export const OPEN_STATUSES = STATUSES.filter((status) => status !== 'draft' && !isTerminal(status));
/** States in which nothing of what was passed on is kept. */
export const ERASING_STATUSES: readonly Status[] = ['rejected', 'cancelled', 'entered-in-error'];

export function isTerminal(status: Status): boolean {
  return machine.states[status].terminal;
}

export function findTransition(event: string): Transition | undefined {
  return TRANSITIONS.find((transition) => transition.event === event);
}

/** The state after an event, or undefined where the event does not apply. */
export function nextStatus(status: Status, event: string): Status | undefined {
  const transition = findTransition(event);
  return transition?.from.includes(status) ? (transition.to ?? status) : undefined;
}

/**
 * Whether a code is given by an event of somebody else: no service says that a person withdrew, or that time
 * ran out.
 */
export function isOthersReason(code: string, actor: string): boolean {
  return TRANSITIONS.some(({ fixedReason, actor: owner }) => fixedReason === code && owner !== actor);
}

/** Whether a code stands in the closed list of a state. */
export function isReasonCode(list: ReasonList, code: string): boolean {
  return (reasonCodes[list] as readonly string[]).includes(code);
}

/** Whether a code says how things stand inside a state: appointments, and whether they were kept. */
export function isBusinessStatus(code: string): boolean {
  return reasonCodes.businessStatus.includes(code);
}

export type Priority = 'routine' | 'urgent' | 'stat';

/** A referral as the two services see it. */
export interface Referral {
  readonly referral: string;
  readonly kind: 'referral' | 'transfer';
  readonly source: string;
  readonly target: string;
  /** Key id to which it is sealed for the receiving service, base64url. */
  readonly toKey: string;
  readonly priority: Priority;
  readonly status: Status;
  readonly statusReason: string | null;
  readonly outcome: string | null;
  readonly reviewOn: string | null;
  /** To the hour while open, to the day once closed. */
  readonly sentAt: string;
  readonly respondBy: string | null;
  readonly consent: string;
  readonly consentState: 'released' | 'received' | 'withdrawn' | 'invalidated';
  /** Last day on which content may exist. */
  readonly keepUntil: string;
  /** `info-requested`, or what was last said of an appointment; null once closed. */
  readonly businessStatus: string | null;
  /** Who answers for the person's way: the source until it has released a transfer. */
  readonly responsible: 'source' | 'target';
  /** The answer is due within a day. */
  readonly dueSoon: boolean;
  /** To the hour; null once closed. */
  readonly remindedAt: string | null;
  /** Of a declined referral: services that the receiving one proposes. */
  readonly redirectTo: readonly string[] | null;
  /** Day on which the server erased the content; who has since said to have erased their own copies. */
  readonly erasedOn: string | null;
  readonly erasedBy: readonly ('source' | 'target')[];
}
