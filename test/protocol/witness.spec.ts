import { describe, expect, it } from '@jest/globals';
import { toBase64, utf8 } from '../../src/protocol/encoding/bytes.js';
import { parseCheckpoint, type Checkpoint } from '../../src/protocol/log/checkpoint.js';
import { consistencyProof, leafHash, rootOf } from '../../src/protocol/log/merkle.js';
import {
  ALGORITHM,
  formatVkey,
  noteKey,
  openNote,
  parseVkey,
  signNote,
} from '../../src/protocol/log/note.js';
import { formatPolicy, parsePolicy, quorumOf } from '../../src/protocol/log/policy.js';
import {
  considerCheckpoint,
  cosignaturesOf,
  cosignCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
  witnessName,
} from '../../src/protocol/log/witness.js';
import { freshKey } from '../support/network/founders.js';
import { TestLog } from '../support/log/test-log.js';
import { textOf } from '../support/log/witness.js';

/** The example of C2SP tlog-witness, as it stands in the specification. */
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;

describe('add-checkpoint of C2SP tlog-witness', () => {
  const log = new TestLog('relais-n/consent/2026');
  for (let i = 0; i < 200; i++) log.add(utf8(`leaf ${i}`));
  const keys = [parseVkey(log.vkey)];
  const at = (size: number): Checkpoint => ({ origin: log.origin, size: BigInt(size), root: log.root(size) });
  const proof = (from: number, to: number): Promise<Uint8Array[]> => {
    const hashes = log.leaves.slice(0, to).map(leafHash);
    const nodes = (level: number, n: bigint) =>
      rootOf(hashes.slice(Number(n) << level, Number(n + 1n) << level));
    return consistencyProof(nodes, BigInt(from), BigInt(to));
  };
  const request = async (
    from: number,
    to: number,
    changed: Partial<Parameters<typeof formatAddCheckpoint>[0]> = {},
  ) => {
    const consistency = from > 0 && from < to ? await proof(from, to) : [];
    return utf8(
      formatAddCheckpoint({ old: BigInt(from), consistency, checkpoint: log.checkpoint(to), ...changed }),
    );
  };
  const judge = (body: Uint8Array, last?: Checkpoint) => considerCheckpoint(body, keys, () => last);

  it('reads the example of the specification, and writes it again to the byte', () => {
    const read = parseAddCheckpoint(utf8(EXAMPLE));
    expect([read.old, read.consistency.length]).toEqual([20852014n, 4]);
    expect(formatAddCheckpoint(read)).toBe(EXAMPLE);
  });

  it('cosigns the first tree, and one that continues the last', async () => {
    expect(judge(await request(0, 70))).toMatchObject({ status: 200, checkpoint: { size: 70n } });
    for (const [from, to] of [
      [70, 71],
      [64, 128],
      [1, 200],
      [127, 128],
      [70, 70],
    ] as const)
      expect(judge(await request(from, to), at(from))).toMatchObject({
        status: 200,
        checkpoint: { size: BigInt(to) },
      });
  });

  it('says 409 and its own size where the old size is not the one that it last cosigned', async () => {
    expect(judge(await request(64, 128), at(70))).toEqual({ status: 409, size: 70n });
    expect(judge(await request(64, 128))).toEqual({ status: 409, size: 0n });
    expect(judge(await request(0, 50), at(70))).toEqual({ status: 409, size: 70n });
  });

  it('says 409 to another tree of the size that it cosigned', async () => {
    const fork = { ...at(70), root: log.root(69) };
    expect(judge(await request(70, 70), fork)).toEqual({ status: 409, size: 70n });
  });

  it('says 422 where the tree does not continue the last one', async () => {
    const wrong = await proof(65, 128);
    expect(judge(await request(64, 128, { consistency: wrong }), at(64))).toEqual({ status: 422 });
    expect(judge(await request(64, 128), { ...at(64), root: log.root(63) })).toEqual({ status: 422 });
    expect(judge(await request(0, 128, { consistency: wrong }))).toEqual({ status: 422 });
    expect(judge(await request(70, 70, { consistency: wrong }), at(70))).toEqual({ status: 422 });
  });

  it('says 404 to the checkpoint of a log that it does not watch, 403 to one that the log did not sign', async () => {
    const other = new TestLog('relais-n/registry/2026', log.key, log.leaves);
    expect(judge(await request(0, 70, { checkpoint: other.checkpoint(70) }))).toEqual({ status: 404 });
    const forged = new TestLog(log.origin, freshKey(), log.leaves);
    expect(judge(await request(0, 70, { checkpoint: forged.checkpoint(70) }))).toEqual({ status: 403 });
    const changed = log.checkpoint(70).replace('\n70\n', '\n71\n');
    expect(judge(await request(0, 71, { checkpoint: changed }))).toEqual({ status: 403 });
  });

  it('says 400 to an old size beyond the tree', async () => {
    expect(judge(await request(71, 70), at(71))).toEqual({ status: 400 });
  });

  it.each([
    ['nothing', ''],
    ['no empty line', 'old 0\n'],
    ['no old size', '\n\nx'],
    ['a padded size', 'old 00\n\n'],
    ['a signed size', 'old +1\n\n'],
    ['a size of 20 digits', `old ${'9'.repeat(20)}\n\n`],
    ['a hash of 31 bytes', `old 1\n${toBase64(new Uint8Array(31))}\n\n`],
    ['a hash that is no base64', 'old 1\n!!\n\n'],
    ['64 hashes', `old 1\n${`${toBase64(new Uint8Array(32))}\n`.repeat(64)}\n`],
  ])('says 400 to %s', (_, head) => {
    expect(judge(utf8(head + log.checkpoint(70)))).toEqual({ status: 400 });
  });

  it('says 400 to bytes that are no UTF-8, and to a note that is none', async () => {
    expect(judge(Uint8Array.of(0xff, 0xfe))).toEqual({ status: 400 });
    expect(judge(await request(0, 70, { checkpoint: 'relais-n/consent/2026\n' }))).toEqual({ status: 400 });
    expect(judge(await request(0, 70, { checkpoint: log.checkpoint(70).trimEnd() }))).toEqual({
      status: 400,
    });
  });
});

/**
 * Nobody's bytes can cause it; were it taken for a refusal, a fault of ours would look like somebody's wrong
 * signature.
 */
it('a fault of ours is no refusal', () => {
  const log = new TestLog('relais-n/consent/2026');
  const broken = { ...parseVkey(log.vkey), publicKey: undefined as unknown as Uint8Array };
  const body = utf8(formatAddCheckpoint({ old: 0n, consistency: [], checkpoint: log.checkpoint() }));
  expect(() => considerCheckpoint(body, [broken], () => undefined)).toThrow(TypeError);
  const line = log.checkpoint().split('\n').at(-2) ?? '';
  expect(() => cosignaturesOf(textOf(log.checkpoint()), [line], [broken])).toThrow(TypeError);
});

describe('cosignatures', () => {
  const log = new TestLog('relais-n/consent/2026');
  const key = freshKey();
  const name = witnessName('n', 'o');
  const known = noteKey(name, ALGORITHM.cosignature, key.publicKey);
  const text = textOf(log.checkpoint(0));
  const line = cosignCheckpoint(text, name, key, new Date('2026-11-25T10:00:00Z')).trimEnd();

  it('are taken from a witness, once for each line, with the second of its clock', () => {
    expect(cosignaturesOf(text, [line], [known])).toEqual([{ line, key: known }]);
    const { signatures } = openNote(`${text}\n${line}\n`, [known]);
    expect(signatures).toEqual([{ key: known, time: 1_764_064_800n + 31_536_000n }]);
    expect(parseCheckpoint(text).size).toBe(0n);
  });

  it('of another text, by another key, of the log itself, or of no form are passed over', () => {
    const log1 = new TestLog(log.origin, log.key, [utf8('x')]);
    const other = textOf(log1.checkpoint());
    const own = signNote(text, log.origin, log.key).trimEnd();
    expect(cosignaturesOf(other, [line], [known])).toEqual([]);
    expect(
      cosignaturesOf(text, [line], [noteKey(name, ALGORITHM.cosignature, freshKey().publicKey)]),
    ).toEqual([]);
    expect(cosignaturesOf(text, [own, 'x', '', `${line}\n${line}`, `\n${line}`], [known])).toEqual([]);
  });
});

describe('the policy that a registry makes', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 4],
    [6, 5],
    [7, 5],
    [9, 7],
    [10, 7],
  ])('asks of %i witnesses for %i', (n, k) => {
    expect(quorumOf(n)).toBe(k);
  });

  it('may also be somebody else’s, with any of a group, as tlog-policy says', () => {
    const log = new TestLog('relais-n/consent/2026');
    const [a, b] = ['a', 'b'].map((name) => noteKey(name, ALGORITHM.cosignature, freshKey().publicKey));
    if (!a || !b) throw new Error('two keys');
    const lines = [`log ${log.vkey}`, `witness a ${formatVkey(a)}`, `witness b ${formatVkey(b)}`];
    const policy = parsePolicy([...lines, 'group one any a b', 'quorum one', ''].join('\n'));
    const byName = (name: string) =>
      policy.witnesses.filter((key) => key.name === name).map((key) => ({ key }));
    const both = parsePolicy([...lines, 'group two all a b', 'quorum two', ''].join('\n'));
    expect(both.isMet(byName('a'))).toBe(false);
    expect([policy.isMet(byName('a')), policy.isMet(byName('b')), policy.isMet([])]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('has one form, which reads back, whatever the order of the witnesses', () => {
    const log = new TestLog('relais-n/consent/2026');
    const witness = (organisation: string, url?: string) => {
      const key = noteKey(witnessName('n', organisation), ALGORITHM.cosignature, freshKey().publicKey);
      return { organisation, key, url };
    };
    const witnesses = [witness('b', 'https://b.example/w'), witness('a'), witness('c')];
    const text = formatPolicy([parseVkey(log.vkey)], witnesses);
    expect(formatPolicy([parseVkey(log.vkey)], [...witnesses].reverse())).toBe(text);
    const [b, a, c] = witnesses.map(({ key }) => formatVkey(key));
    expect(text.split('\n')).toEqual([
      `log ${log.vkey}`,
      `witness a ${a}`,
      `witness b ${b} https://b.example/w`,
      `witness c ${c}`,
      'group witnesses 2 a b c',
      'quorum witnesses',
      '',
    ]);
    const policy = parsePolicy(text);
    const signatures = witnesses.map(({ key }) => ({
      key: policy.keys.find(({ id }) => id === key.id) ?? key,
    }));
    expect([policy.isMet(signatures.slice(0, 2)), policy.isMet(signatures.slice(0, 1))]).toEqual([
      true,
      false,
    ]);
  });
});
