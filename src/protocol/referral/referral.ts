import type { Status } from './state-machine.js';

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
}
