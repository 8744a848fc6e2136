import type pg from 'pg';

/** Text, and names of values of `V` where they are used. */
class Fragment<in V> {
  declare readonly needs: (values: V) => void;

  constructor(readonly parts: readonly (string | { readonly name: string })[]) {}
}

/** A part of a query. Only `sql`, `named` and `whole` make one, so no value ever gets into a text. */
export type Sql<V = unknown> = Fragment<V>;
type Needs<P extends readonly Sql<never>[]> = [P[number]] extends [Sql<infer V>] ? V : never;

/** SQL with named values and other fragments in it; a string is refused, here and by the compiler. */
export function sql<P extends readonly Sql<never>[]>(
  texts: TemplateStringsArray,
  ...fragments: P
): Sql<Needs<P>> {
  const inner = fragments.map((fragment: unknown) => {
    if (!(fragment instanceof Fragment)) throw new TypeError('SQL takes named values and fragments only');
    return fragment.parts;
  });
  return new Fragment(texts.flatMap((text, i) => [text, ...(inner[i] ?? [])]));
}

/**
 * The values that queries take, by name: `const v = named<{ referral: string }>()`, then `${v.referral}` in a
 * text.
 */
export function named<V extends object>(): {
  readonly [K in keyof V & string]: Sql<Readonly<Record<K, V[K]>>>;
} {
  return new Proxy({} as never, { get: (_, name) => new Fragment([{ name: String(name) }]) });
}

/** A whole number of the code itself, such as a limit, that is part of the text. */
export function whole(number: number): Sql {
  if (!Number.isSafeInteger(number)) throw new TypeError('not a whole number');
  return new Fragment([String(number)]);
}

/** A query with its values, as the driver takes it. */
export type Bound<N extends string = string> = pg.QueryConfig & { readonly label: N };
/** A query, composed once, when its module is loaded: one `$n` a name, in the order of first use. */
export class Query<V, N extends string = string> {
  readonly text: string;
  private readonly names: readonly string[];

  constructor(
    readonly label: N,
    private readonly isPrepared: boolean,
    { parts }: Sql<V>,
  ) {
    const names = [...new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name])))];
    const place = ({ name }: { readonly name: string }) => `$${names.indexOf(name) + 1}`;
    this.names = names;
    this.text = parts.map((part) => (typeof part === 'string' ? part : place(part))).join('');
    QUERIES.push(this);
  }

  with(...[of]: unknown extends V ? [] : [of: V]): Bound<N> {
    const { label, text } = this;
    return { label, ...(this.isPrepared && { name: label }), text, values: this.values(of as V) };
  }

  /** In the order of their places. */
  values(of: V): unknown[] {
    return this.names.map((name) => (of as Readonly<Record<string, unknown>>)[name]);
  }
}

/** All queries of the modules that are loaded; a test asks PostgreSQL what it makes of each. */
export const QUERIES: { readonly label: string; readonly text: string }[] = [];

/** A query that is planned once on each connection (`Database`): a key bounds what it touches. */
export function prepared<V, N extends string>(name: N, text: Sql<V>): Query<V, N> {
  return new Query(name, true, text);
}

/** A query that is planned each time: it takes a whole set. */
export function unprepared<V, N extends string>(label: N, text: Sql<V>): Query<V, N> {
  return new Query(label, false, text);
}
