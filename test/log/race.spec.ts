import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { equalBytes, newId, toBase64 } from '../../src/protocol/encoding/bytes.js';
import { rangeRoot } from '../../src/protocol/log/merkle.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { openCheckpoint } from '../../src/protocol/log/proof.js';
import { Fence } from '../../src/server/log/fence.js';
import type { Sequencer } from '../../src/server/log/sequencer.js';
import { treeReader } from '../../src/server/log/tree.js';
import { asOwner } from '../support/machines/database.js';
import { drain, givenLogs, type Appended, type Logs } from '../support/log/logs.js';
import { rounds } from '../support/machines/rounds.js';
import { mirror } from './mirror.js';

const BATCHES = rounds(200, 5_000);

let logs: Logs;
beforeAll(async () => {
  logs = await givenLogs(0);
  await logs.register('first');
  await drain(logs.sequencer);
});
afterAll(async () => logs.close());

/** Dies between commit and fence now and then: every fifth write, from a counter of its own. */
async function unreliable(offset: number): Promise<Sequencer> {
  let writes = offset;
  const fence = (origin: string) => {
    const fence = new Fence(logs.dataDirectory, origin);
    const write: Fence['write'] = (head) =>
      ++writes % 5 === 0 ? Promise.reject(new Error('killed')) : fence.write(head);
    return { read: () => fence.read(), write };
  };
  return logs.another({ fence });
}

/** Everything anybody could have seen signed: root by size. */
const seen = new Map<string, string>();

async function look(): Promise<void> {
  const { rows } = await logs.database.app.query<{ note: string }>(
    'SELECT served_note AS note FROM log_head UNION ALL SELECT note FROM log_checkpoint',
  );
  for (const { note } of rows) {
    const { checkpoint } = openCheckpoint(note, parsePolicy(logs.identity.policy));
    const key = `${checkpoint.origin} ${checkpoint.size}`;
    const root = toBase64(checkpoint.root);
    expect(seen.get(key) ?? root).toBe(root);
    seen.set(key, root);
  }
}

it(
  'two sequencers that die now and then leave one history, without gap or repetition',
  async () => {
    const sequencers = [await unreliable(0), await unreliable(2)];
    const appended: Appended[] = [];
    const until = { isDone: false };
    const running = sequencers.map(async (sequencer) => {
      while (!until.isDone) await sequencer.round().catch(onlyKilled);
    });
    const looking = (async () => {
      while (!until.isDone) await look();
    })();
    for (let batch = 0; batch < BATCHES; batch++) {
      const tag = newId();
      appended.push(...(await logs.append({ tag, number: 0 }, { tag, number: 1 }, { tag: null, number: 0 })));
      if (batch % 20 === 0) await logs.register(`entry ${batch}`);
    }
    until.isDone = true;
    await Promise.all([...running, looking]);
    await drain(logs.sequencer);
    await drain(logs.sequencer);
    await look();
    await requireOneHistory(appended);
  },
  rounds(600_000, 3_600_000),
);

async function requireOneHistory(appended: readonly Appended[]): Promise<void> {
  const { entries, checkpoint } = await mirror(logs, 'consent');
  const rows = await asOwner<{ pending: string; index: string }>(
    logs.urls,
    'SELECT pending, index FROM log_position',
  );
  expect(new Set(rows.map(({ pending }) => pending))).toEqual(
    new Set(appended.map(({ pending }) => pending)),
  );
  expect(new Set(rows.map(({ index }) => index)).size).toBe(rows.length);
  expect(BigInt(entries.length)).toBe(checkpoint.size);
  expect(await asOwner(logs.urls, 'SELECT 1 FROM log_pending')).toEqual([]);
  const ids = await asOwner<{ id: number; origin: string }>(logs.urls, 'SELECT id, origin FROM log');
  for (const [key, root] of seen) {
    const [origin, size = ''] = key.split(' ');
    const log = ids.find((candidate) => candidate.origin === origin)?.id ?? -1;
    const now = await rangeRoot(treeReader(logs.database.app, log), 0n, BigInt(size));
    expect(toBase64(now)).toBe(root);
  }
  expect(
    equalBytes(checkpoint.root, await rangeRoot(treeReader(logs.database.app, 1), 0n, checkpoint.size)),
  ).toBe(true);
}

function onlyKilled(error: unknown): void {
  expect(String(error)).toContain('killed');
}
