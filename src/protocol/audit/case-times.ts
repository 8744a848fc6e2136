import type { Charter } from '../registry/charter.js';
import { addDays, DAYS_BACK } from '../encoding/days.js';
import type { JudgedChain, Link } from './case-chain.js';
import type { Findings } from './report.js';
import type { Sightings } from './sightings.js';

export interface JudgedCase extends JudgedChain {
  /** In force on the day of the consent. */
  readonly charter: Charter;
}

interface TimesContext {
  readonly findings: Findings;
  readonly sightings: Sightings;
}

/** A case against all that is known of when the log was how long. */
export function judgeTimes(context: TimesContext, { chain, links, charter }: JudgedCase): void {
  for (const link of links) judgeBackDating(context, link, charter);
  const isOver = chain.given.sendUntil < (context.sightings.lastDay ?? '');
  if (isOver && chain.state === 'released') context.findings.leavesOpen('undelivered');
}

/** A device claims its day; a tree that was cosigned without the leaf bounds it from below. */
function judgeBackDating({ findings, sightings }: TimesContext, link: Link, charter: Charter): void {
  const notYet = sightings.dayBefore(link.at);
  if (notYet === undefined) return;
  const days = link.kind === 'consent.given' ? charter.limits.sendUntilDays.max : DAYS_BACK;
  // between a statement and a tree that has it: two publications, and a day for time zones
  const slack = 1 + Math.ceil((2 * charter.publishing.delaySeconds) / 86_400);
  findings.demand('statement', addDays(link.day, days + slack) >= notYet, link.subject, 'back-dated');
}
