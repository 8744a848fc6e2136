import { Injectable } from '@nestjs/common';
import { Damage } from './damage.js';

/**
 * What stands still while a job fails, and that it goes on: for the operator, and so without anybody's data.
 */
const SENTENCES = {
  sequencer: ['the logs are not signed, and proofs wait', 'the logs are signed again'],
  clock: ['referrals do not lapse and nothing is erased', 'referrals lapse and are erased again'],
  uploads: ['what was uploaded and not sent is not deleted', 'what was not sent is deleted again'],
  holds: ['places that were held are not given back', 'places that were held are given back again'],
  expiry: ['used proofs, tokens and answers are not forgotten', 'what was used is forgotten again'],
  statistics: ['a quarter’s answers are not counted', 'a quarter’s answers are counted again'],
  witnesses: ['a witness does not cosign, and proofs stay provisional', 'witnesses cosign again'],
  audits: ['old audits are not forgotten', 'old audits are forgotten again'],
  erasures: ['what was erased is not listed for a restore', 'what was erased is listed again'],
  telling: ['webhooks and mail are not sent, and old events stay', 'webhooks and mail are sent again'],
} as const;

export type Job = keyof typeof SENTENCES;

/** How the jobs of this process fare: told on stderr when one begins to fail and when it works again. */
@Injectable()
export class Jobs {
  private readonly successes = new Map<Job, Date>();
  private readonly failures = new Map<Job, string>();

  constructor(private readonly damage: Damage = new Damage()) {}

  /** When each job last succeeded here; null for one that has not yet. */
  get lastSuccess(): Record<Job, string | null> {
    const last = (job: Job): string | null => this.successes.get(job)?.toISOString() ?? null;
    const jobs = Object.keys(SENTENCES) as Job[];
    return Object.fromEntries(jobs.map((job) => [job, last(job)])) as Record<Job, string | null>;
  }

  /** Runs a job that will be run again anyway: that it failed is told, and not thrown. */
  async run(job: Job, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.succeeded(job);
    } catch (error) {
      this.damage.note(error);
      this.failed(job, codeOf(error));
    }
  }

  succeeded(job: Job): void {
    this.successes.set(job, new Date());
    if (this.failures.delete(job)) say(SENTENCES[job][1]);
  }

  /** `reason` is a sentence of ours or a code: messages of a database can quote a row. */
  failed(job: Job, reason: string): void {
    if (this.failures.get(job) === reason) return;
    this.failures.set(job, reason);
    say(`${SENTENCES[job][0]}: ${reason}`);
  }
}

/** The code of a system's or the database's error; of anything else nothing is said. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function say(sentence: string): void {
  process.stderr.write(`relais: ${sentence}\n`);
}
