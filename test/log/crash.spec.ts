import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { Database, type DatabaseUrls } from '../../src/database/index.js';
import { newId, randomBytes } from '../../src/protocol/encoding/bytes.js';
import { parseCheckpoint } from '../../src/protocol/log/checkpoint.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { verifyStatementProof } from '../../src/protocol/log/proof.js';
import { Fence } from '../../src/server/log/fence.js';
import type { Sequencer, SequencerParts } from '../../src/server/log/sequencer.js';
import { asOwner } from '../support/machines/database.js';
import { drain, givenLogs, type Logs } from '../support/log/logs.js';
import { mirror } from './mirror.js';

let logs: Logs;
beforeEach(async () => {
  logs = await givenLogs();
  await logs.register('first', 'second');
  await drain(logs.sequencer);
});
afterEach(async () => logs.close());

/** A sequencer whose process dies, as far as its files tell, between the commit and the fence. */
async function dyingSequencer(): Promise<Sequencer> {
  const dead = { read: readOf('consent'), write: () => Promise.reject(new Error('killed')) };
  return logs.another({ fence: consentFence(dead) });
}

/** That fence for the consent log, and the registry's own. */
function consentFence(fence: Pick<Fence, 'read' | 'write'>): SequencerParts['fence'] {
  return (origin) => (origin === logs.identity.consent.origin ? fence : fenceOf('registry'));
}

function fenceOf(kind: 'consent' | 'registry'): Fence {
  return new Fence(logs.dataDirectory, logs.identity[kind].origin);
}

function readOf(kind: 'consent' | 'registry'): Fence['read'] {
  return () => fenceOf(kind).read();
}

async function headSizes(): Promise<{ size: bigint; served: bigint }> {
  const [row] = await asOwner<{ size: string; served_size: string }>(
    logs.urls,
    `SELECT size, served_size FROM log_head h JOIN log l ON l.id = h.log WHERE kind = 'consent'`,
  );
  return { size: BigInt(row?.size ?? -1), served: BigInt(row?.served_size ?? -1) };
}

describe('a crash between commit and fence', () => {
  it('shows nobody the new note, and the next round finishes it', async () => {
    const [own] = await logs.append({ tag: newId(), number: 0 });
    if (!own) throw new Error('nothing appended');
    await expect((await dyingSequencer()).round()).rejects.toThrow('killed');
    const { size, served } = await headSizes();
    expect(size).toBeGreaterThan(served);
    expect((await fenceOf('consent').read())?.size).toBe(served);
    expect(await logs.reader.statementProofs([own])).toBeUndefined();

    await drain(logs.sequencer);
    expect(await headSizes()).toEqual({ size, served: size });
    expect((await fenceOf('consent').read())?.size).toBe(size);
    const [proof = ''] = (await logs.reader.statementProofs([own]))?.proofs ?? [];
    verifyStatementProof(logs.identity.consent.name, own.text, proof, parsePolicy(logs.identity.policy));
  });

  it('does not lose or repeat a publication', async () => {
    const quick = await logs.another({ delaySeconds: 0 });
    await logs.append({ tag: newId(), number: 0 });
    const dead = { read: readOf('consent'), write: () => Promise.reject(new Error('killed')) };
    const dying = await logs.another({
      delaySeconds: 0,
      fence: consentFence(dead),
    });
    await expect(dying.round()).rejects.toThrow('killed');
    expect((await mirror(logs, 'consent')).checkpoint.size).toBe(0n);
    await drain(quick);
    await drain(quick);
    expect((await mirror(logs, 'consent')).checkpoint.size).toBe(64n);
  });
});

describe('a sequencer', () => {
  it('leaves everything in the outbox when its transaction fails', async () => {
    await logs.append({ tag: newId(), number: 0 });
    const before = await headSizes();
    const broken = await logs.another({
      material: { name: logs.identity.consent.name, seed: undefined as never },
    });
    await asOwner(logs.urls, 'ALTER TABLE log_position RENAME TO gone');
    await expect(broken.round()).rejects.toThrow();
    await asOwner(logs.urls, 'ALTER TABLE gone RENAME TO log_position');
    expect(await headSizes()).toEqual(before);
    await drain(logs.sequencer);
    expect((await headSizes()).size).toBeGreaterThan(before.size);
  });

  it('signs nothing when the fence is ahead of the database, and the log stays readable', async () => {
    const { size } = await headSizes();
    await fenceOf('consent').write({ size: size + 1n, root: randomBytes(32) });
    await logs.register('third');
    await expect(logs.sequencer.round()).rejects.toThrow('older than what was signed');
    expect((await headSizes()).size).toBe(size);
    expect((await mirror(logs, 'registry')).checkpoint.size).toBe(2n);
  });

  it('signs nothing when another root was signed for the same size, or for an earlier one', async () => {
    const { size } = await headSizes();
    await fenceOf('consent').write({ size, root: randomBytes(32) });
    await expect(logs.sequencer.round()).rejects.toThrow('another tree');
    await fenceOf('consent').write({ size: size - 1n, root: randomBytes(32) });
    await expect(logs.sequencer.round()).rejects.toThrow('another tree');
  });

  it('signs nothing after the database was put back to an older state', async () => {
    const first = await givenLogs();
    await first.register('first');
    await drain(first.sequencer);
    await first.database.close();
    const current = new URL(first.urls.owner).pathname.slice(1);
    await asOwner(first.urls, `CREATE DATABASE ${current}_old TEMPLATE ${current}`, 'postgres');
    const appendLeaf = `INSERT INTO log_pending (id, leaf) VALUES ('${newId()}', decode('01' || repeat('00', 32), 'hex'))`;
    const roundOn = async (urls: DatabaseUrls): Promise<unknown> => {
      const database = new Database(urls);
      await database.app.query(appendLeaf);
      const sequencer = await first.another({ pool: database.sequencer });
      return sequencer.round().finally(() => database.close());
    };
    await roundOn(first.urls);
    const old = (url: string): string => url.replace(`/${current}?`, `/${current}_old?`);
    const { owner, application, sequencer } = first.urls;
    const oldUrls = { owner: old(owner), application: old(application), sequencer: old(sequencer) };
    await expect(roundOn(oldUrls)).rejects.toThrow('older than what was signed');
    await rm(first.dataDirectory, { recursive: true });
  });

  it('with the keys but without the fence signs nothing', async () => {
    const fresh = { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };
    const moved = await logs.another({ fence: () => fresh });
    await expect(moved.round()).rejects.toThrow('no fence');
  });

  it('of another replica takes over with its own fence, which follows', async () => {
    const own = new Fence(`${logs.dataDirectory}/second`, logs.identity.consent.origin);
    const seen = await fenceOf('consent').read();
    if (!seen) throw new Error('nothing was signed');
    await own.write(seen);
    const second = await logs.another({ fence: consentFence(own) });
    await logs.append({ tag: newId(), number: 0 });
    await drain(second);
    await logs.append({ tag: newId(), number: 0 });
    await drain(logs.sequencer);
    await second.round();
    expect(await own.read()).toEqual(await fenceOf('consent').read());
    expect((await own.read())?.size).toBe((await headSizes()).size);
  });
});

describe('a publication of size zero', () => {
  it('is a signed checkpoint', async () => {
    const empty = await givenLogs();
    try {
      await drain(empty.sequencer);
      const year = empty.identity.consent.year;
      const note = (await empty.published.checkpoint({ kind: 'consent', year })) ?? '';
      expect(parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1)).size).toBe(0n);
    } finally {
      await empty.close();
    }
  });
});
