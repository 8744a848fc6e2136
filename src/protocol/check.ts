import type { Static, TSchema } from 'typebox';
import { Clean } from 'typebox/value';
import { makeValidator } from '#validator';

const validators = new WeakMap<TSchema, ReturnType<typeof makeValidator>>();

/** Whether a value is of a schema; its validator is made at its first use. */
export function check<T extends TSchema>(schema: T, value: unknown): value is Static<T> {
  let validator = validators.get(schema);
  if (!validator) validators.set(schema, (validator = makeValidator(schema)));
  return validator.Check(value);
}

/** What refuses a value that is of no schema: `upgrade` where a newer version has written it, whose members are unknown here. */
export function refusalFor(schema: TSchema, value: unknown, otherwise: string): string {
  return check(schema, Clean(schema, structuredClone(value))) ? 'upgrade' : otherwise;
}
