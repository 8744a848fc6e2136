import type { EligibilityRule, ELIGIBILITY_TOPICS, ServiceProfile } from '../schemas/service-profile.js';

type Topic = (typeof ELIGIBILITY_TOPICS)[number];

/**
 * What is known of the person, on the device: what is not known is absent, and is not the same as none
 * (`[]`).
 */
export type EligibilityAnswers = Readonly<Partial<Record<Topic, string | readonly string[]>>> & {
  /** In years. */
  readonly age?: number;
};

/** `no` if one rule fails, `unknown` while something is not known that could still decide, else `yes`. */
export interface Eligibility {
  readonly eligible: 'yes' | 'no' | 'unknown';
  /** What the rules that fail are about, and what would have to be asked. */
  readonly failed: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Judges a service's published rules on the device: nothing of the answers goes anywhere.
 * @example
 * const { eligible, missing } = isEligible(profile, { age: 34 });
 * show(eligible, missing); // 'unknown', and what to ask
 */
export function isEligible(
  { eligibility }: Pick<ServiceProfile, 'eligibility'>,
  answers: EligibilityAnswers,
): Eligibility {
  const failed = new Set<string>();
  const missing = new Set<string>();
  for (const rule of eligibility.rules) {
    const answer = answers[rule.about];
    if (answer === undefined) missing.add(rule.about);
    else if (!isMet(rule, [answer].flat())) failed.add(rule.about);
  }
  const eligible = failed.size > 0 ? 'no' : missing.size > 0 ? 'unknown' : 'yes';
  return { eligible, failed: [...failed], missing: [...missing] };
}

/** An answer is one value or several; `[]` is none. */
function isMet(rule: EligibilityRule, given: readonly (string | number)[]): boolean {
  if (rule.about === 'age') {
    const { atLeast = 0, atMost = Infinity } = rule;
    return given.every((age) => Number(age) >= atLeast && Number(age) <= atMost);
  }
  if ('oneOf' in rule) return rule.oneOf.some((value) => given.includes(value));
  return !rule.noneOf.some((value) => given.includes(value));
}
