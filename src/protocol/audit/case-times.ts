import type { Charter } from '../charter.js';
import { DAYS_BACK } from '../days.js';
import type { JudgedChain, Link } from './case-chain.js';
import type { Findings } from './report.js';
import { isBackDated, slackDays, type Sightings } from './sightings.js';

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
  const slack = slackDays(charter.publishing.delaySeconds);
  findings.demand('statement', !isBackDated(link.day, notYet, days + slack), link.subject, 'back-dated');
}
