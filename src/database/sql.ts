import type pg from 'pg';

interface Place {
  readonly name: string;
}

/** A fragment: text, and the names of values of `V` where they are used. Made by `sql`, `named` and `whole` alone. */
class Fragment<in V> {
  declare readonly needs: (values: V) => void;

  constructor(readonly parts: readonly (string | Place)[]) {}
}

export type Sql<V = unknown> = Fragment<V>;

/** What all fragments need together. */
type Needs<P extends readonly Sql<never>[]> = [P[number]] extends [Sql<infer V>] ? V : never;

/** SQL with named values and other fragments in it. Nothing else can be put in: a string is refused, here and by the compiler. */
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

/** The values that queries here take, by name: `const v = named<{ referral: string }>()`, then `${v.referral}` in the text. */
export function named<V extends object>(): {
  readonly [K in keyof V & string]: Sql<{ readonly [_ in K]: V[K] }>;
} {
  return new Proxy({} as never, { get: (_, name) => new Fragment([{ name: String(name) }]) });
}

/** A whole number of the code itself, such as a limit, that is part of the text. */
export function whole(number: number): Sql {
  if (!Number.isSafeInteger(number)) throw new TypeError('not a whole number');
  return new Fragment([String(number)]);
}

/** A query with its values, as the driver takes it. */
export interface Bound<N extends string = string> extends pg.QueryConfig {
  readonly label: N;
  readonly values: unknown[];
}

/** A query whose text was composed once, when its module was loaded: one `$n` a name, in the order of first use. */
export class Query<V, N extends string = string> {
  readonly text: string;
  private readonly names: readonly string[];

  constructor(
    readonly label: N,
    private readonly isPrepared: boolean,
    { parts }: Sql<V>,
  ) {
    const names = [...new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name])))];
    this.names = names;
    this.text = parts
      .map((part) => (typeof part === 'string' ? part : `$${names.indexOf(part.name) + 1}`))
      .join('');
  }

  /** In the order of their places. */
  values(of: V): unknown[] {
    return this.names.map((name) => (of as Readonly<Record<string, unknown>>)[name]);
  }

  with(...[of]: unknown extends V ? [] : [of: V]): Bound<N> {
    const { label, text } = this;
    return { label, ...(this.isPrepared && { name: label }), text, values: this.values(of as V) };
  }
}

/** All queries of the modules that are loaded; a test asks PostgreSQL what it makes of each. */
export const QUERIES: Pick<Query<never>, 'label' | 'text'>[] = [];

/** A query that is planned once on each connection (`Database`): a key bounds what it touches. */
export function prepared<V, N extends string>(name: N, text: Sql<V>): Query<V, N> {
  return listed(new Query(name, true, text));
}

/** A query that is planned each time: it takes a whole set. */
export function unprepared<V, N extends string>(label: N, text: Sql<V>): Query<V, N> {
  return listed(new Query(label, false, text));
}

function listed<V, N extends string>(query: Query<V, N>): Query<V, N> {
  QUERIES.push(query);
  return query;
}
