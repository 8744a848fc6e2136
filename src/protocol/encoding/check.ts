import type { Static, TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Clean } from 'typebox/value';
import { makeValidator } from '#validator';
import { pointerOf, refuse } from './errors.js';

const validators = new WeakMap<TSchema, ReturnType<typeof makeValidator>>();

/** Whether a value is of a schema; its validator is made at its first use. */
export function check<T extends TSchema>(schema: T, value: unknown): value is Static<T> {
  return validatorOf(schema).Check(value);
}

/**
 * A value as its schema types it; else it is refused, by the name of the check, and the member that is wrong
 * is named.
 */
export function requireOf<T extends TSchema>(schema: T, value: unknown, name: string): Static<T> {
  return check(schema, value) ? value : refuse(name, misfitOf(schema, value));
}

/**
 * The same of what a newer version may have written: `upgrade` where all that is wrong are members that are
 * unknown here.
 */
export function requireKnown<T extends TSchema>(schema: T, value: unknown, name: string): Static<T> {
  if (check(schema, value)) return value;
  const isNewer = check(schema, Clean(schema, structuredClone(value)));
  return refuse(isNewer ? 'upgrade' : name, misfitOf(schema, value));
}

/**
 * The JSON pointer of a member that keeps a value from being of a schema: of several the deepest, so that of
 * a choice of forms it is the one that was meant.
 */
export function misfitOf(schema: TSchema, value: unknown): string {
  const paths = validatorOf(schema).Errors(value).map(pathOf);
  const [deepest = []] = paths.sort((a, b) => b.length - a.length);
  return pointerOf(deepest);
}

function validatorOf(schema: TSchema) {
  let validator = validators.get(schema);
  if (!validator) validators.set(schema, (validator = makeValidator(schema)));
  return validator;
}

/** Of a member that is missing its own place, not that of the object around it. */
function pathOf(error: TLocalizedValidationError): string[] {
  const path = error.instancePath.split('/').slice(1);
  if (error.keyword === 'required') path.push(...error.params.requiredProperties.slice(0, 1));
  return path;
}
