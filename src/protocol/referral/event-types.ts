/**
 * What an event says has happened: never more than its receiver needs to look again. Closed list
 * (docs/protocol/acts.md, *Events feed*).
 */
export const EVENT_TYPES = [
  'referral.requested',
  'referral.status',
  'referral.withdrawn',
  'referral.changed',
  'referral.reminder',
  'referral.info-requested',
  'message.new',
] as const;

/** What an event says has happened. */
export type EventType = (typeof EVENT_TYPES)[number];

/** Something has happened to a referral of the service that asks. */
export interface ReferralEvent {
  /** The same wherever and however often it is told. */
  readonly id: string;
  readonly type: EventType;
  readonly referral: string;
  /** ISO 8601; to the hour, to the day once the referral is closed. */
  readonly at: string;
}

/** One answer of the feed, in the order of the events. */
export interface EventPage {
  readonly items: readonly ReferralEvent[];
  /** Kept once the items are dealt with: from where to go on. */
  readonly next: string;
  /**
   * Events may be missing before `next`: a first look, or a place older than what is kept. List anew, then go
   * on.
   */
  readonly anew: boolean;
  /**
   * Instant since which no quorum of witnesses has seen the logs, once that is longer than a day: what
   * services have sent and received since then has no final proof. Null else.
   */
  readonly unwitnessedSince: string | null;
}
