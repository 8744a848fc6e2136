import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { newId, randomBytes } from '../../../src/protocol/encoding/bytes.js';
import { statementLeaf } from '../../../src/protocol/log/leaves.js';
import {
  Database,
  named,
  sql,
  transaction,
  unprepared,
  type DatabaseUrls,
} from '../../../src/database/index.js';
import { appendRegistryEntries, appendStatementLeaf } from '../../../src/server/log/append.js';
import { Fence } from '../../../src/server/log/fence.js';
import { openLogs } from '../../../src/server/log/first-start.js';
import type { LogIdentity } from '../../../src/server/log/identity.js';
import { readLogKey, readSeed } from '../../../src/server/log/log-keys.js';
import { LogReader } from '../../../src/server/log/log-reader.js';
import { PublishedLog } from '../../../src/server/log/published.js';
import { Sequencer, type SequencerParts } from '../../../src/server/log/sequencer.js';
import { keysAfter } from '../../../src/server/log/signer.js';
import { givenDatabase } from '../machines/database.js';

const v = named<{ pending: string; tag: string | null; number: number; leaf: Uint8Array }>();
const APPEND_LEAF = unprepared(
  'test-append-leaf',
  appendStatementLeaf(sql`${v.pending}::uuid, ${v.tag}::uuid, ${v.number}::integer, ${v.leaf}::bytea`),
);

/** A statement that a test put into the outbox; its text is not a JWS, which the log does not look at. */
export interface Appended {
  readonly pending: string;
  readonly opening: Uint8Array;
  readonly text: string;
}

/** A network's logs on their own database and data directory, without a server around them. */
export interface Logs {
  readonly urls: DatabaseUrls;
  readonly database: Database;
  readonly dataDirectory: string;
  readonly identity: LogIdentity;
  readonly sequencer: Sequencer;
  readonly reader: LogReader;
  readonly published: PublishedLog;
  /** Another sequencer over the same logs. */
  another(parts?: Partial<SequencerParts>): Promise<Sequencer>;
  register(...texts: string[]): Promise<bigint[]>;
  /** Appends statements in one transaction; `number` counts along a consent's chain. */
  append(...statements: { tag: string | null; number: number }[]): Promise<Appended[]>;
  close(): Promise<void>;
}

export async function givenLogs(delaySeconds = 3600): Promise<Logs> {
  const urls = await givenDatabase();
  const database = new Database(urls);
  const dataDirectory = await mkdtemp(join(tmpdir(), 'relais-logs-'));
  const identity = await openLogs(database.sequencer, dataDirectory);
  const another = async (parts: Partial<SequencerParts> = {}): Promise<Sequencer> =>
    new Sequencer({ ...(await partsOf(database, dataDirectory, identity)), delaySeconds, ...parts });
  return {
    urls,
    database,
    dataDirectory,
    identity,
    sequencer: await another(),
    reader: new LogReader(database.app),
    published: new PublishedLog(database.app),
    another,
    register: (...texts) => transaction(database.app, (tx) => appendRegistryEntries(tx, texts)),
    append: (...statements) =>
      transaction(database.app, async (tx) => {
        const appended: Appended[] = [];
        for (const statement of statements)
          appended.push(await appendOne(tx, identity.consent.name, statement));
        return appended;
      }),
    close: async () => {
      await database.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

async function appendOne(
  tx: PoolClient,
  log: string,
  { tag, number }: { tag: string | null; number: number },
): Promise<Appended> {
  const appended = {
    pending: newId(),
    opening: randomBytes(32),
    text: `statement ${number} of ${tag ?? 'nobody'}`,
  };
  const leaf = statementLeaf(log, appended.opening, appended.text);
  await tx.query(APPEND_LEAF.with({ pending: appended.pending, tag, number, leaf }));
  return appended;
}

export async function partsOf(
  database: Database,
  directory: string,
  identity: LogIdentity,
): Promise<SequencerParts> {
  const [consent, registry] = [identity.consent.origin, identity.registry.origin];
  const keys = {
    consent: await readLogKey(directory, consent),
    registry: await readLogKey(directory, registry),
  };
  const seed = await readSeed(directory, consent, 'pads');
  if (!keys.consent || !keys.registry || !seed) throw new Error('the first start made no keys');
  return {
    pool: database.sequencer,
    origin: registry,
    keys: { consent: keys.consent, registry: keys.registry },
    nextKeys: await keysAfter(directory, identity),
    fence: (origin) => new Fence(directory, origin),
    material: { name: identity.consent.name, seed },
  };
}

/** Runs rounds until the outbox is empty. */
export async function drain(sequencer: Sequencer): Promise<void> {
  while ((await sequencer.round()) === 'more');
}
