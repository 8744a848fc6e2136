import fc from 'fast-check';

/** As much of JSON Schema as the OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly example?: unknown;
}

export type Schemas = Readonly<Record<string, Schema>>;

/**
 * Values that a schema describes, at its edges and beyond; one in eight members is something else altogether.
 */
export function fromSchema(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 7, arbitrary: likeSchema(schema, schemas) }, { weight: 1, arbitrary: anyJson() });
}

/** Any JSON, with every kind of text. */
export function anyJson(): fc.Arbitrary<unknown> {
  return fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
}

function likeSchema(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined)
    return likeSchema(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const kinds: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
    string: () => text(schema),
    array: () => list(schema, schemas),
    object: () => object(schema, schemas),
    boolean: () => fc.boolean(),
  };
  return (kinds[schema.type ?? ''] ?? (() => number(schema)))();
}

function text({ pattern, minLength = 0, maxLength = 64, example }: Schema): fc.Arbitrary<unknown> {
  const lengths = fc.constantFrom(minLength, maxLength, maxLength + 1, Math.max(0, minLength - 1));
  return fc.oneof(
    lengths.map((length) => 'A'.repeat(Math.min(length, 100_000))),
    fc.stringMatching(new RegExp(pattern ?? '^.*$')),
    fc.string({ unit: 'binary' }),
    ...(example === undefined ? [] : [fc.constant(example)]),
  );
}

function number({ minimum = 0, maximum = 100 }: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom(minimum - 1, minimum, maximum, maximum + 1, 2 ** 31, 2 ** 53, 1e300),
    fc.double(),
  );
}

function list({ items = {}, minItems = 0, maxItems = 4 }: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const maxLength = Math.min(maxItems + 1, 4);
  return fc.array(fromSchema(items, schemas), { minLength: Math.min(minItems, maxLength), maxLength });
}

function object({ properties = {}, required = [] }: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const members = Object.entries(properties).map(
    ([name, member]) => [name, fromSchema(member, schemas)] as const,
  );
  return fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
}
