import { Refused } from '../encoding/errors.js';

/** The auditor's list (docs/audit.md), in its order. */
export const CHECKS = [
  'policy',
  'note',
  'checkpoint',
  'quorum',
  'consistency',
  'entries',
  'tiles',
  'root',
  'files',
  'leaves',
  'registry',
  'charter',
  'anchors',
  'case',
  'opening',
  'inclusion',
  'statement',
  'signer',
  'chain',
  'consent',
  'release',
  'receipt',
  'consent-record',
  'withdrawal',
  'sample',
] as const;
export type CheckName = (typeof CHECKS)[number];

/**
 * What a sound report still does not show: `no-cases`, no opened case was given; `newer-checkpoints`, some in
 * case files are newer than the copy; `own-word`, a case file does not hold the person's own signed word;
 * `as-shown`, a holder can leave out the last statements of a case, a withdrawal among them;
 * `no-consent-record`, a case without its sealed texts, as a person has it once they are erased;
 * `readable-part`, what a person's copy says around its case; `restored`, the network was put back from a
 * backup, as its registry says, and what was shown of larger trees is void; `next-year`, logs that the
 * registry names are not in the copy yet; `newer`, what only a newer version of this program understands;
 * `undelivered`, what was passed on and never acknowledged, its last day being over; `unlisted-files`, the
 * reader cannot list the directory; `samples`, none was drawn; `unanswered`, nobody has shown what a drawn
 * leaf is; `erasure`, no service's word on what it has erased was given; and what no audit does yet.
 */
export const GAPS = [
  'no-cases',
  'newer-checkpoints',
  'own-word',
  'as-shown',
  'no-consent-record',
  'readable-part',
  'restored',
  'next-year',
  'newer',
  'undelivered',
  'unlisted-files',
  'samples',
  'unanswered',
  'tallies',
  'erasure',
] as const;
export type Gap = (typeof GAPS)[number];

export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  /** How many things it was held against. */
  readonly count: number;
}

export interface Violation {
  readonly check: CheckName;
  /** A file of the directory, a leaf or entry of a log, or a case with the number of its statement. */
  readonly subject: string;
  /** A word for programs and translators; never anything that was opened. */
  readonly detail: string;
}

export interface AuditCounts {
  leaves: number;
  anchors: number;
  entries: number;
  cases: number;
  statements: number;
}

/** How the leaves of a sample came out. */
export interface SampleResult {
  readonly asked: number;
  readonly statements: number;
  readonly pads: number;
  readonly anchors: number;
  /** Both services have said to have erased them. */
  readonly erased: number;
  /** Nobody has shown what these are. */
  readonly unanswered: readonly string[];
}

/** What an audit has found, and what it could not look at. */
export interface AuditReport {
  /** No violation, and nothing missing. */
  readonly sound: boolean;
  /** A quorum of witnesses has cosigned every log. */
  readonly witnessed: boolean;
  readonly checks: readonly Check[];
  readonly violations: readonly Violation[];
  /** Files that were needed and are not there. */
  readonly missing: readonly string[];
  readonly gaps: readonly { readonly gap: Gap; readonly count: number }[];
  /** Files beside the logs, which nobody looked at. */
  readonly unknownFiles: readonly string[];
  readonly counts: Readonly<AuditCounts>;
  /** Of a sample that was drawn. */
  readonly sample?: SampleResult;
}

/** Gathers what the checks find. A check that fails ends what depends on it, never the audit. */
export class Findings {
  readonly counts: AuditCounts = { leaves: 0, anchors: 0, entries: 0, cases: 0, statements: 0 };
  private readonly passed = new Map<CheckName, number>();
  private readonly violations: Violation[] = [];
  private readonly missing = new Set<string>();
  private readonly gaps = new Map<Gap, number>();
  private readonly unknownFiles: string[] = [];
  private unwitnessed = false;
  private sample: SampleResult | undefined;

  /** Counts one thing checked; records a violation where it does not hold. */
  expect(check: CheckName, isTrue: boolean, subject: string, detail: string): boolean {
    this.count(check);
    return this.demand(check, isTrue, subject, detail);
  }

  /** As `expect`, for what is one more side of something already counted. */
  demand(check: CheckName, isTrue: boolean, subject: string, detail: string): boolean {
    if (!isTrue) this.violations.push({ check, subject, detail });
    return isTrue;
  }

  /** Counts and runs a check of the protocol that throws `Refused`; undefined when it did. */
  attempt<T>(check: CheckName, subject: string, run: () => T): T | undefined {
    this.count(check);
    return this.probe(check, subject, run);
  }

  /** As `attempt`, without counting. */
  probe<T>(check: CheckName, subject: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === 'upgrade') this.isNewer(subject);
      else this.demand(check, false, subject, refusal);
      return undefined;
    }
  }

  /** A newer version has written it: that says nothing against it, and nothing for it. */
  isNewer(subject: string): void {
    this.lacks(subject);
    this.leavesOpen('newer');
  }

  count(check: CheckName): void {
    this.passed.set(check, (this.passed.get(check) ?? 0) + 1);
  }

  lacks(file: string): void {
    this.missing.add(file);
  }

  leavesOpen(gap: Gap): void {
    this.gaps.set(gap, (this.gaps.get(gap) ?? 0) + 1);
  }

  hasUnknown(file: string): void {
    this.unknownFiles.push(file);
  }

  /** No quorum was asked for, or there is no checkpoint that it could have signed. */
  isUnwitnessed(): void {
    this.unwitnessed = true;
  }

  hasSample(sample: SampleResult): void {
    this.sample = sample;
    for (const _ of sample.unanswered) this.leavesOpen('unanswered');
  }

  report(): AuditReport {
    const { violations, missing, counts, unknownFiles } = this;
    const failed = new Set(violations.map(({ check }) => check));
    return {
      sound: violations.length === 0 && missing.size === 0,
      witnessed: !this.unwitnessed && !failed.has('quorum'),
      checks: CHECKS.filter((name) => this.passed.has(name) || failed.has(name)).map((name) => ({
        name,
        ok: !failed.has(name),
        count: this.passed.get(name) ?? 0,
      })),
      violations,
      missing: [...missing],
      gaps: GAPS.filter((gap) => this.gaps.has(gap)).map((gap) => ({
        gap,
        count: this.gaps.get(gap) as number,
      })),
      unknownFiles,
      counts,
      ...(this.sample && { sample: this.sample }),
    };
  }
}

/** The word of a refusal; anything else that is thrown is a fault of ours and goes up. */
export function refusalOf(error: unknown): string {
  if (error instanceof Refused) return error.check;
  throw error;
}
