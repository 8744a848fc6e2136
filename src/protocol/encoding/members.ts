/** A place in a JSON value as RFC 6901 writes it. */
export function pointerTo(at: string, member: string): string {
  return `${at}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What a JSON Schema says of the members of an object or a list, as far as it is needed here. */
interface Described {
  readonly items?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
}

/**
 * Pointer to the first text of a value for which `isWanted` holds, with the text's own schema where there is
 * one.
 */
export function findText(
  value: unknown,
  isWanted: (text: string, schema: unknown) => boolean,
  schema: unknown = {},
  at = '',
): string | undefined {
  if (typeof value === 'string') return isWanted(value, schema) ? at : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = findText(member, isWanted, schemaOf(schema as Described, name), pointerTo(at, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The schema of a member; of one of several kinds of object nothing is known. */
function schemaOf({ items, properties, patternProperties }: Described, name: string): unknown {
  const named = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return items ?? named ?? Object.values(patternProperties ?? {})[0] ?? {};
}
