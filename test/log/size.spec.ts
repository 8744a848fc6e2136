import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { equalBytes } from '../../src/protocol/encoding/bytes.js';
import { GrowingTree } from '../../src/protocol/log/growing-tree.js';
import { leafHash } from '../../src/protocol/log/merkle.js';
import { parseBundle } from '../../src/protocol/log/tiles.js';
import { asOwner } from '../support/machines/database.js';
import { drain, givenLogs, type Logs } from '../support/log/logs.js';
import { rounds } from '../support/machines/rounds.js';

const LEAVES = rounds(20_000, 1_000_000);

let logs: Logs;
beforeAll(async () => {
  logs = await givenLogs();
  await logs.register('an entry');
});
afterAll(() => logs.close());

it(
  'has as many leaves as there were statements, pads and anchors, and the root that they make',
  async () => {
    await asOwner(
      logs.urls,
      `INSERT INTO log_pending (id, tag, number, leaf)
       SELECT gen_random_uuid(), gen_random_uuid(), 0, '\\x01'::bytea || sha256(int8send(n))
       FROM generate_series(1, ${LEAVES}::bigint) AS n`,
    );
    await drain(logs.sequencer);
    const [head] = await asOwner<{ log: number; size: string; root: Buffer; positions: string }>(
      logs.urls,
      `SELECT h.log, h.size, h.root, (SELECT count(*) FROM log_position) AS positions
       FROM log_head h JOIN log l ON l.id = h.log WHERE l.kind = 'consent'`,
    );
    const tree = new GrowingTree();
    for (let n = 0n; tree.size < BigInt(head?.size ?? 0); n++) {
      const [row] = await asOwner<{ width: number; bytes: Buffer }>(
        logs.urls,
        `SELECT width, bytes FROM log_entries WHERE log = ${head?.log} AND n = ${n}`,
      );
      for (const entry of parseBundle(new Uint8Array(row?.bytes ?? []), row?.width ?? 0))
        tree.add(leafHash(entry));
      tree.takeFullTiles();
    }
    expect(head?.positions).toBe(String(LEAVES));
    expect(tree.size).toBeGreaterThan(BigInt(LEAVES));
    expect(equalBytes(tree.root, head?.root ?? new Uint8Array(0))).toBe(true);
  },
  rounds(60_000, 1_800_000),
);
