import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import type { Validator } from './validator.js';

/** A page's policy lets no text become code: the schema is read each time. */
export function makeValidator(schema: TSchema): Validator {
  return { Check: (value) => Check(schema, value), Errors: (value) => Errors(schema, value) };
}
