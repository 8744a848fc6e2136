import type { ConsentRecord } from '../../protocol/schemas/consent-record.js';
import type { CaseSecrets } from '../referral/seal.js';

/** One of the two services, by the names that the server gives. */
export interface Party {
  readonly service: { readonly id: string; readonly name: string };
  readonly organisation: { readonly id: string; readonly name: string };
}

/** Where a person's case stands, and everything that happened to it. Days are `YYYY-MM-DD`. */
export interface ReceiptStory {
  readonly referral: string;
  readonly kind: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly outcome: string | null;
  readonly businessStatus: string | null;
  /** The server's date. */
  readonly today: string;
  readonly source: Party;
  readonly target: Party;
  readonly purpose: string;
  /** Family and version of the notice that was read. */
  readonly notice: string;
  /** The day of the consent. */
  readonly given: string;
  readonly sendUntil: string;
  readonly keepUntil: string;
  /** Which service has opened it, and when: as it has signed and logged. */
  readonly disclosures: readonly { readonly service: string; readonly day: string }[];
  readonly renewals: readonly { readonly day: string; readonly keepUntil: string }[];
  readonly withdrawn: {
    readonly day: string;
    readonly means: 'own-code' | 'on-word';
    readonly by: 'person' | 'source' | 'target';
  } | null;
  readonly invalidated: { readonly day: string; readonly reason: string } | null;
  /** Which service has said, signed and logged, that nothing is left with it. */
  readonly erased: { readonly source: boolean; readonly target: boolean };
  /** Whether anything of what was passed on is still there. */
  readonly contentKept: boolean;
  /** The last day for which it can be renewed today; null where it cannot. */
  readonly renewableUntil: string | null;
  /** How it went has been said: once is all. */
  readonly feedbackGiven: boolean;
}

/** What was said about the person, opened on their own device. */
export interface Shared {
  readonly record: Readonly<Record<string, unknown>>;
  readonly fields: readonly string[];
  readonly consentRecord: ConsentRecord;
  readonly secrets: CaseSecrets;
  /**
   * The very text that was read to them, where it comes with this software and its hash is the one that was
   * signed.
   */
  readonly notice: string | undefined;
}
