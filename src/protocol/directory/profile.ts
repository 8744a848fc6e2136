import { check } from '../check.js';
import { refuse } from '../errors.js';
import { parseStrict } from '../json.js';
import { mayCarry } from '../refused-fields.js';
import type { Charter } from '../schemas/charter.js';
import { ServiceProfile, type Question, type Schedule } from '../schemas/service-profile.js';
import { termWithParents } from './taxonomy.js';

/**
 * Reads a service's profile, which its coordinator or the server controls: strict JSON of the schema, with what a schema
 * does not say: every term is of the taxonomy, each question has its own code, options where its type has them, and every
 * schedule has parts that go together.
 */
export function parseProfile(text: string): ServiceProfile {
  const profile = parseStrict(text);
  if (!check(ServiceProfile, profile)) refuse('profile');
  const { terms, hours, intake } = profile;
  if (terms.some((code) => termWithParents(code).length === 0)) refuse('term');
  if (!hours.every(isWhole)) refuse('hours');
  const ids = intake.questions.map(({ id }) => id);
  if (new Set(ids).size !== ids.length || !intake.questions.every(hasItsOptions)) refuse('questions');
  return profile;
}

/** A field that the charter refuses can be asked for by a service for which an exception was voted, and by no other. */
export function requireDeclarable(
  { intake }: Pick<ServiceProfile, 'intake'>,
  service: string,
  refusedFields: Charter['refusedFields'],
): void {
  const asked = [...intake.requires, ...intake.offers];
  if (!asked.every((field) => mayCarry(field, service, refusedFields))) refuse('refused-field');
}

/** Every so many weeks needs a beginning; places in a month and days of it belong to a month. */
function isWhole({ freq, interval, dtstart, byday, bymonthday }: Schedule): boolean {
  if (interval !== undefined && dtstart === undefined) return false;
  if (byday === undefined && bymonthday === undefined) return false;
  return (
    freq === 'MONTHLY' || (bymonthday === undefined && byday?.every((part) => part.length === 2) === true)
  );
}

function hasItsOptions({ type, options }: Question): boolean {
  const codes = (options ?? []).map(({ code }) => code);
  const isChoice = type === 'choice' || type === 'choices';
  return isChoice === codes.length > 0 && new Set(codes).size === codes.length;
}
