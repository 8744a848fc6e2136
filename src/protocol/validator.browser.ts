import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';

/** A page's policy lets no text become code: the schema is read each time. */
export function makeValidator(schema: TSchema): { Check(value: unknown): boolean } {
  return { Check: (value) => Check(schema, value) };
}
