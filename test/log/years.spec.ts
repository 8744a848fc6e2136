import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toBase64, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { anchorLeaf, readLeaf } from '../../src/protocol/log/leaves.js';
import { openCheckpoint } from '../../src/protocol/log/proof.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { readUnverified, requirePayload } from '../../src/protocol/encoding/signed.js';
import { Cosignatures } from '../../src/server/log/cosignatures.js';
import { Fence } from '../../src/server/log/fence.js';
import { findIdentity } from '../../src/server/log/identity.js';
import { makeSequencer } from '../../src/server/log/signer.js';
import { Sequencer } from '../../src/server/log/sequencer.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { givenLogs, partsOf, type Appended, type Logs } from '../support/log/logs.js';
import { rounds } from '../support/machines/rounds.js';
import { mirror } from './mirror.js';

let logs: Logs;
let year: number;
beforeEach(async () => {
  logs = await givenLogs();
  year = logs.identity.consent.year;
  await logs.register('first', 'second');
  await settle();
});
afterEach(async () => logs.close());

/** What a replica does each second: rounds with the keys of whatever year it finds, until nothing is left. */
async function settle(replica = roundOf()): Promise<void> {
  for (let idle = 0; idle < 2;) idle = (await replica()) === 'more' ? 0 : idle + 1;
}

function roundOf(): () => ReturnType<Sequencer['round']> {
  return async () => {
    const identity = (await findIdentity(logs.database.sequencer)) ?? logs.identity;
    return (await makeSequencer(logs.database, logs.dataDirectory, identity)).round();
  };
}

const turn = (years = 1): Promise<void> => shiftClock(logs.urls, `${years} years`);

async function texts(ofYear: number): Promise<string[]> {
  return (await mirror(logs, 'registry', ofYear)).entries.map((entry) => new TextDecoder().decode(entry));
}

describe('a pair of logs', () => {
  it('ends with its year: what waited is in it, an anchor is last, and the next pair says so', async () => {
    const waiting = await logs.append({ tag: newId(), number: 0 }, { tag: null, number: 0 });
    await turn();
    await settle();
    const [consent, registry] = [await mirror(logs, 'consent', year), await mirror(logs, 'registry', year)];
    expect(consent.checkpoint.size % 64n).toBe(0n);
    expect(readLeaf(consent.entries.at(-1) ?? new Uint8Array(0)).anchor).toEqual(registry.checkpoint.root);
    expect((await texts(year)).map(typOf)).toEqual([undefined, undefined, 'log-key+jws']);
    const [opening = ''] = await texts(year + 1);
    const said = requirePayload('log-opening+jws', readUnverified(opening).payload);
    for (const [kind, { checkpoint }] of [['consent', consent] as const, ['registry', registry] as const])
      expect(said[kind]).toEqual({
        origin: logs.identity[kind].origin,
        size: Number(checkpoint.size),
        root: toBase64url(checkpoint.root),
      });
    expect(await firstLeaf(year + 1)).toEqual(
      anchorLeaf((await mirror(logs, 'registry', year + 1)).checkpoint.root),
    );
    expect((await logs.reader.statementProofs(waiting))?.checkpoint).toContain(`/consent/${year}\n`);
  });

  it('of a year in which nobody was there is made all the same', async () => {
    await turn(2);
    await settle();
    expect((await texts(year + 1)).map(typOf)).toEqual(['log-opening+jws', 'log-key+jws']);
    expect((await texts(year + 2)).map(typOf)).toEqual(['log-opening+jws']);
  });

  it('goes on with indexes that count over all years', async () => {
    await turn();
    await settle();
    expect(await logs.register('third', 'fourth')).toEqual([4n, 5n]);
    await settle();
    expect(await texts(year + 1)).toHaveLength(3);
    const proof = async (index: bigint): Promise<string> => (await logs.reader.registryProof(index)) ?? '';
    expect(await proof(0n)).toContain(`/registry/${year}\n`);
    expect(await proof(5n)).toMatch(new RegExp(`index 2\n[^]*/registry/${year + 1}\n`));
    expect(await logs.reader.registryProof(6n)).toBeUndefined();
    expect(await logs.reader.registrySize()).toBe(6n);
  });

  it('that nobody has founded a network in stays open', async () => {
    const empty = await givenLogs();
    try {
      await shiftClock(empty.urls, '1 year');
      await empty.sequencer.round();
      await empty.sequencer.round();
      expect((await findIdentity(empty.database.app))?.consent.year).toBe(year);
    } finally {
      await empty.close();
    }
  });

  it('is refused to a machine that has no keys of the new year’s', async () => {
    await turn();
    await settle();
    const identity = await findIdentity(logs.database.app);
    if (!identity) throw new Error('no logs');
    await expect(makeSequencer(logs.database, `${logs.dataDirectory}-other`, identity)).rejects.toThrow(
      'does not hold',
    );
  });
});

describe('a process that is killed while the year turns', () => {
  it.each([1, 2, 3])(
    'at its fence %s leaves it to the next one, which shows no other tree',
    async (deadly) => {
      await logs.append({ tag: newId(), number: 0 });
      await turn();
      let writes = 0;
      const parts = await partsOf(logs.database, logs.dataDirectory, logs.identity);
      const fence = (origin: string) => {
        const own = new Fence(logs.dataDirectory, origin);
        const write: Fence['write'] = (head) =>
          ++writes === deadly ? Promise.reject(new Error('killed')) : own.write(head);
        return { read: () => own.read(), write };
      };
      await expect(new Sequencer({ ...parts, fence }).round()).rejects.toThrow('killed');
      const before = await signed();
      await settle();
      const after = await signed();
      for (const [tree, root] of before) expect(after.get(tree) ?? root).toBe(root);
      expect((await texts(year + 1)).map(typOf)).toEqual(['log-opening+jws']);
    },
  );
});

it(
  'two replicas turn two years under load: no leaf is lost or twice, no entry without its place, no size with two roots',
  async () => {
    const appended: Appended[] = [];
    const entries: bigint[] = [];
    const until = { isDone: false };
    const seen = new Map<string, string>();
    const running = [roundOf(), roundOf()].map(async (round) => {
      while (!until.isDone) await round();
    });
    const looking = (async () => {
      while (!until.isDone)
        for (const [tree, root] of await signed()) {
          expect(seen.get(tree) ?? root).toBe(root);
          seen.set(tree, root);
        }
    })();
    const batches = rounds(60, 2000);
    for (let batch = 0; batch < batches; batch++) {
      const tag = newId();
      const work = [0, 1, 2].map(async (n) => {
        appended.push(...(await logs.append({ tag: null, number: 0 }, { tag: null, number: n })));
        entries.push(...(await logs.register(`entry ${batch} ${n}`)));
      });
      appended.push(...(await logs.append({ tag, number: 0 }, { tag, number: 1 })));
      if (batch === Math.floor(batches / 3)) await turn(1);
      if (batch === Math.floor((2 * batches) / 3)) await turn(2);
      await Promise.all(work);
    }
    until.isDone = true;
    await Promise.all([...running, looking]);
    await settle();
    const positions = await asOwner<{ pending: string; place: string }>(
      logs.urls,
      `SELECT pending, log || ' ' || index AS place FROM log_position`,
    );
    expect(new Set(positions.map(({ pending }) => pending))).toEqual(
      new Set(appended.map(({ pending }) => pending)),
    );
    expect(new Set(positions.map(({ place }) => place)).size).toBe(appended.length);
    expect(new Set(entries).size).toBe(entries.length);
    const all = [...(await texts(year)), ...(await texts(year + 1)), ...(await texts(year + 2))];
    expect(all).toHaveLength(2 + 4 + entries.length);
    for (const ofYear of [year, year + 1, year + 2]) await mirror(logs, 'consent', ofYear);
    const known = await signed();
    for (const [tree, root] of seen) expect(known.get(tree) ?? root).toBe(root);
  },
  rounds(120_000, 1_200_000),
);

/** Of a consent log, published or not. */
async function firstLeaf(ofYear: number): Promise<Uint8Array> {
  const [row] = await asOwner<{ leaf: Buffer }>(
    logs.urls,
    `SELECT substring(bytes FROM 3 FOR 33) AS leaf FROM log_entries e JOIN log l ON l.id = e.log
     WHERE l.kind = 'consent' AND l.year = ${ofYear} AND n = 0`,
  );
  return new Uint8Array(row?.leaf ?? []);
}

function typOf(entry: string): string | undefined {
  try {
    return readUnverified(entry).header.typ;
  } catch {
    return undefined;
  }
}

/** Everything anybody could have seen signed: root by origin and size. */
async function signed(): Promise<Map<string, string>> {
  const { rows } = await logs.database.app.query<{ note: string; year: number }>(
    `SELECT n.note, l.year FROM log l JOIN (
       SELECT log, served_note AS note FROM log_head UNION ALL SELECT log, note FROM log_checkpoint
     ) n ON n.log = l.id WHERE n.note IS NOT NULL`,
  );
  const policies = new Map<number, string>();
  for (const { year: of } of rows)
    policies.set(
      of,
      policies.get(of) ?? (await new Cosignatures(logs.database.app, logs.identity.network).policy(of, 0n)),
    );
  return new Map(
    rows.map(({ note, year: of }) => {
      const { checkpoint } = openCheckpoint(note, parsePolicy(policies.get(of) ?? ''));
      return [`${checkpoint.origin} ${checkpoint.size}`, toBase64(checkpoint.root)];
    }),
  );
}
