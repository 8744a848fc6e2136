import { requireOf } from '../encoding/check.js';
import { checkText, pointerOf, refuse } from '../encoding/errors.js';
import { parseStrict } from '../encoding/json.js';
import { mayCarry } from '../registry/refused-fields.js';
import type { Charter } from '../schemas/charter.js';
import { ServiceProfile, type Question, type Schedule } from '../schemas/service-profile.js';
import { termWithParents } from './taxonomy.js';

/**
 * Reads a service's profile, which its coordinator or the server controls: strict JSON of the schema, with
 * what a schema does not say: every term is of the taxonomy, each question has its own code, options where
 * its type has them, and every schedule has parts that go together.
 */
export function parseProfile(text: string): ServiceProfile {
  return checkText(text, () => readProfile(text));
}

function readProfile(text: string): ServiceProfile {
  const profile = requireOf(ServiceProfile, parseStrict(text), 'profile');
  const { terms, hours, intake } = profile;
  refuseFirst(terms, (code) => termWithParents(code).length === 0, ['term', 'terms']);
  refuseFirst(hours, (schedule) => !isWhole(schedule), ['hours', 'hours']);
  const ids = intake.questions.map(({ id }) => id);
  const isWrong = (question: Question, i: number): boolean =>
    ids.indexOf(question.id) !== i || !hasItsOptions(question);
  refuseFirst(intake.questions, isWrong, ['questions', 'intake', 'questions']);
  return profile;
}

function refuseFirst<T>(
  list: readonly T[],
  isWrong: (item: T, i: number) => boolean,
  [check, ...path]: readonly [string, ...string[]],
): void {
  const i = list.findIndex(isWrong);
  if (i >= 0) refuse(check, pointerOf([...path, i]));
}

/**
 * A field that the charter refuses can be asked for by a service for which an exception was voted, and by no
 * other.
 */
export function requireDeclarable(
  { intake }: Pick<ServiceProfile, 'intake'>,
  service: string,
  refusedFields: Charter['refusedFields'],
): void {
  const asked = [...intake.requires, ...intake.offers];
  if (!asked.every((field) => mayCarry(field, service, refusedFields))) refuse('refused-field', '/intake');
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
