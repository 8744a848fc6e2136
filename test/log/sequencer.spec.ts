import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { equalBytes, fromBase64, newId, utf8 } from '../../src/protocol/encoding/bytes.js';
import { statementLeaf, readLeaf } from '../../src/protocol/log/leaves.js';
import { leafHash, rootOf, verifyConsistency } from '../../src/protocol/log/merkle.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { openCheckpoint, verifyProof, verifyStatementProof } from '../../src/protocol/log/proof.js';
import { asOwner } from '../support/machines/database.js';
import { drain, givenLogs, type Appended, type Logs } from '../support/log/logs.js';
import { mirror } from './mirror.js';

/** A revocation as the sequencer recognises it: by its protected header. */
const REVOCATION = `${Buffer.from(`{"alg":"Ed25519","typ":"revocation+jws","kid":"${'k'.repeat(43)}"}`).toString('base64url')}.e30.${'A'.repeat(86)}`;

let logs: Logs;
beforeAll(async () => (logs = await givenLogs(0)));
afterAll(async () => logs.close());

async function indexOf({ pending }: Appended): Promise<bigint> {
  const { rows } = await logs.database.app.query<{ index: string }>(
    'SELECT index FROM log_position WHERE pending = $1',
    [pending],
  );
  return BigInt(rows[0]?.index ?? -1);
}

/** Every root the registry ever had, by size. */
async function registryRoots(): Promise<Uint8Array[]> {
  const hashes = (await mirror(logs, 'registry')).entries.map(leafHash);
  return hashes.map((_, i) => rootOf(hashes.slice(0, i + 1)));
}

describe('the logs of a new network', () => {
  it('are published empty, and stay so while the registry is empty', async () => {
    await drain(logs.sequencer);
    expect((await mirror(logs, 'registry')).checkpoint.size).toBe(0n);
    expect((await mirror(logs, 'consent')).checkpoint.size).toBe(0n);
    const [early] = await logs.append({ tag: newId(), number: 0 });
    await drain(logs.sequencer);
    expect(await logs.reader.statementProofs(early ? [early] : [])).toBeUndefined();
  });
});

describe('the registry', () => {
  it('gives indexes in the transaction and publishes its entries at once, in that order', async () => {
    expect(await logs.register('first', 'second')).toEqual([0n, 1n]);
    expect(await logs.register('third')).toEqual([2n]);
    expect(await logs.reader.registryProof(2n)).toBeUndefined();
    await drain(logs.sequencer);
    const { entries } = await mirror(logs, 'registry');
    expect(entries).toEqual(['first', 'second', 'third'].map(utf8));
    const proof = (await logs.reader.registryProof(1n)) ?? '';
    expect(verifyProof(proof, leafHash(utf8('second')), parsePolicy(logs.identity.policy)).index).toBe(1n);
    expect(await logs.reader.registryProof(3n)).toBeUndefined();
  });

  it('takes an index back when the transaction is rolled back', async () => {
    await expect(logs.register('x', '')).rejects.toThrow();
    expect(await logs.register('fourth')).toEqual([3n]);
  });
});

describe('the consent log', () => {
  it('begins with an anchor of the registry', async () => {
    await drain(logs.sequencer);
    const [first] = (await mirror(logs, 'consent')).entries;
    const { anchor } = readLeaf(first ?? new Uint8Array(0));
    expect((await registryRoots()).some((root) => equalBytes(root, anchor ?? new Uint8Array(0)))).toBe(true);
  });

  it('proves a statement provisionally, also from an older size', async () => {
    const policy = parsePolicy(logs.identity.policy);
    const [own] = await logs.append({ tag: newId(), number: 0 });
    if (!own) throw new Error('nothing appended');
    expect(await logs.reader.statementProofs([own])).toBeUndefined();
    const before = await mirror(logs, 'consent');
    await drain(logs.sequencer);
    const answer = await logs.reader.statementProofs([own], { from: before.checkpoint.size });
    const [proof = ''] = answer?.proofs ?? [];
    verifyStatementProof(logs.identity.consent.name, own.text, proof, policy);
    expect(() => verifyStatementProof(logs.identity.consent.name, `${own.text}.`, proof, policy)).toThrow(
      'refused',
    );
    const { checkpoint } = openCheckpoint(answer?.checkpoint ?? '', policy);
    verifyConsistency(before.checkpoint, checkpoint, answer?.consistency.map(fromBase64) ?? []);
  });

  it('publishes multiples of 64 that end with an anchor, and nothing beyond', async () => {
    const { checkpoint, entries } = await mirror(logs, 'consent');
    expect(checkpoint.size % 64n).toBe(0n);
    expect(readLeaf(entries.at(-1) ?? new Uint8Array(0)).anchor).toBeDefined();
    const address = { kind: 'consent', year: logs.identity.consent.year } as const;
    const width = Number(checkpoint.size % 256n);
    expect(await logs.published.tile(address, `0/000.p/${width}`)).toHaveLength(32 * width);
    expect(await logs.published.tile(address, `0/000.p/${width - 1}`)).toHaveLength(32 * (width - 1));
    for (const beyond of [
      `0/000.p/${width + 1}`,
      '0/000',
      '0/001.p/1',
      '1/000.p/1',
      '8/000.p/1',
      '63/000.p/1',
    ])
      expect(await logs.published.tile(address, beyond)).toBeUndefined();
    expect(await logs.published.tile(address, `entries/000.p/${width + 1}`)).toBeUndefined();
  });

  it('does not publish again when nothing happened', async () => {
    const before = await mirror(logs, 'consent');
    await drain(logs.sequencer);
    await drain(logs.sequencer);
    expect((await mirror(logs, 'consent')).checkpoint.size).toBe(before.checkpoint.size);
  });

  it('holds every statement once, and those of one consent in their order', async () => {
    const consents = Array.from({ length: 20 }, () => newId());
    const statements = consents.flatMap((tag) => [0, 1, 2].map((number) => ({ tag, number })));
    const appended: Appended[] = [];
    for (let at = 0; at < statements.length; at += 7)
      appended.push(...(await logs.append(...statements.slice(at, at + 7))));
    await drain(logs.sequencer);
    const { entries } = await mirror(logs, 'consent');
    const indexes = await Promise.all(appended.map(indexOf));
    expect(new Set(indexes).size).toBe(60);
    appended.forEach(({ opening, text }, i) => {
      expect(entries[Number(indexes[i])]).toEqual(statementLeaf(logs.identity.consent.name, opening, text));
    });
    for (let i = 0; i < 60; i += 3)
      expect(indexes.slice(i, i + 3)).toEqual(indexes.slice(i, i + 3).sort(ascending));
    expect(indexes).not.toEqual([...indexes].sort(ascending));
  });
});

describe('a full outbox', () => {
  it('is emptied in bounded batches that never take a later act before an earlier one', async () => {
    await asOwner(
      logs.urls,
      `CREATE TABLE trace AS SELECT gen_random_uuid() AS id, tag, number
         FROM (SELECT gen_random_uuid() AS tag FROM generate_series(1, 3000)) AS consents, generate_series(0, 3) AS number;
       INSERT INTO log_pending SELECT id, tag, number, '\\x01' || sha256(id::text::bytea) FROM trace ORDER BY random()`,
    );
    expect(await logs.sequencer.round()).toBe('more');
    await drain(logs.sequencer);
    const [row] = await asOwner<{ total: string; wrong: string }>(
      logs.urls,
      `SELECT count(*) AS total, count(*) FILTER (WHERE index < before) AS wrong FROM (
         SELECT index, lag(index) OVER (PARTITION BY tag ORDER BY number) AS before
         FROM trace JOIN log_position ON pending = id) AS places`,
    );
    expect(row).toEqual({ total: '12000', wrong: '0' });
    expect((await mirror(logs, 'consent')).checkpoint.size).toBeGreaterThan(12_000n);
  });
});

describe('the delay of publication', () => {
  it('is the charter in force', async () => {
    const slow = await givenLogs(3600);
    try {
      await slow.register('first');
      await drain(slow.sequencer);
      await drain(slow.sequencer);
      expect((await mirror(slow, 'consent')).checkpoint.size).toBe(0n);
      const charter = `'{"publishing":{"delaySeconds":0}}', sha256('')`;
      await asOwner(
        slow.urls,
        `INSERT INTO charter_version VALUES (1, ${charter}, domain_today(), '{signature}')`,
      );
      await drain(slow.sequencer);
      expect((await mirror(slow, 'consent')).checkpoint.size).toBe(64n);
    } finally {
      await slow.close();
    }
  });
});

describe('a revocation', () => {
  it('is anchored at once, after what was accepted before it', async () => {
    const slow = await givenLogs(3600);
    try {
      await slow.register('first');
      await drain(slow.sequencer);
      const [before] = await slow.append({ tag: newId(), number: 0 });
      await slow.register(REVOCATION);
      await drain(slow.sequencer);
      const [after] = await slow.append({ tag: newId(), number: 0 });
      await drain(slow.sequencer);
      const { rows } = await slow.database.app.query<{ bytes: Buffer; index: string; pending: string }>(
        'SELECT e.bytes, p.index, p.pending FROM log_position p JOIN log_entries e ON e.log = p.log AND e.n = 0',
      );
      const place = (own?: Appended) => Number(rows.find(({ pending }) => pending === own?.pending)?.index);
      const leafAt = (i: number) => rows[0]?.bytes.subarray(35 * i + 2, 35 * i + 35) ?? new Uint8Array(0);
      const between = Array.from({ length: place(after) - place(before) - 1 }, (_, i) =>
        leafAt(place(before) + 1 + i),
      );
      const anchors = between.flatMap((leaf) => readLeaf(leaf).anchor ?? []);
      expect(anchors.map((root) => new Uint8Array(root))).toEqual([
        rootOf(['first', REVOCATION].map((t) => leafHash(utf8(t)))),
      ]);
    } finally {
      await slow.close();
    }
  });
});

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}
