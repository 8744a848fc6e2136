import pg from 'pg';
import { connectionOptions, type DatabaseUrls } from '../../../src/database/index.js';

export interface Column {
  readonly name: string;
  /** As PostgreSQL names it; an array's has `_` before it. */
  readonly type: string;
}

interface Described {
  readonly fields: readonly pg.FieldDef[];
  readonly error?: Error;
}

/** What PostgreSQL would answer to each query, without running it. @throws where it cannot be prepared */
export async function describeRows(urls: DatabaseUrls, texts: readonly string[]): Promise<Column[][]> {
  const client = new pg.Client(connectionOptions(urls.owner));
  await client.connect();
  try {
    const { rows } = await client.query<{ oid: number; name: string }>(
      'SELECT oid::int, typname::text AS name FROM pg_type',
    );
    const names = new Map(rows.map(({ oid, name }) => [oid, name]));
    const described: Column[][] = [];
    for (const text of texts) {
      const { fields, error } = await new Promise<Described>((done) =>
        client.query(new Describe(text, done)),
      );
      if (error) throw new Error(`${error.message}: ${text}`);
      described.push(fields.map(({ name, dataTypeID }) => ({ name, type: names.get(dataTypeID) ?? '' })));
    }
    return described;
  } finally {
    await client.end();
  }
}

/** Parse and Describe of the protocol, as the driver sends them before it binds values. */
class Describe implements pg.Submittable {
  private fields: readonly pg.FieldDef[] = [];
  private error: Error | undefined;

  constructor(
    private readonly text: string,
    private readonly done: (described: Described) => void,
  ) {}

  submit(connection: pg.Connection): void {
    connection.parse({ name: '', text: this.text, types: [] }, true);
    connection.describe({ type: 'S', name: '' }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.fields = fields;
  }

  handleError(error: Error): void {
    this.error = error;
  }

  handleReadyForQuery(): void {
    this.done({ fields: this.fields, ...(this.error && { error: this.error }) });
  }
}
