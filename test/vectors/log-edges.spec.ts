import { describe, expect, it } from '@jest/globals';
import { concat, toBase64, utf8 } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { formatCheckpoint, parseCheckpoint } from '../../src/protocol/log/checkpoint.js';
import { GrowingTree } from '../../src/protocol/log/growing-tree.js';
import { statementLeaf } from '../../src/protocol/log/leaves.js';
import { EMPTY_ROOT, leafHash, rangeRoot, rootOf, verifyInclusion } from '../../src/protocol/log/merkle.js';
import {
  ALGORITHM,
  cosignNote,
  formatNote,
  formatVkey,
  noteKey,
  openNote,
  parseVkey,
  signNote,
} from '../../src/protocol/log/note.js';
import { parsePolicy, provisional, formatPolicy } from '../../src/protocol/log/policy.js';
import {
  formatProof,
  openCheckpoint,
  parseProof,
  verifyStatementProof,
} from '../../src/protocol/log/proof.js';
import { appendLeaves, nodesFromTiles, publishedPaths, tilePath } from '../../src/protocol/log/tiles.js';

const key = signingKey(new Uint8Array(32).fill(1));
const witness = signingKey(new Uint8Array(32).fill(2));
const ORIGIN = 'log.example/consent/2026';
const logKey = noteKey(ORIGIN, ALGORITHM.log, key.publicKey);
const witnessKey = noteKey('witness.example', ALGORITHM.cosignature, witness.publicKey);
const refuses = (act: () => unknown): void => {
  expect(act).toThrow(Refused);
};

describe('checkpoints', () => {
  const text = formatCheckpoint({ origin: ORIGIN, size: 3n, root: EMPTY_ROOT });

  it('may carry extension lines, but no empty one, and nothing may be missing', () => {
    expect(parseCheckpoint(`${text}extension\n`).size).toBe(3n);
    for (const bad of ['', 'a', 'a\n1', 'a\n1\n', `${text}\n`, `${text}a\n\nb\n`, text.slice(0, -1)])
      refuses(() => parseCheckpoint(bad));
    for (const size of ['9223372036854775808', '10000000000000000000', '-1', '+1', '1.0', '0x1', '00'])
      refuses(() => parseCheckpoint(text.replace('\n3\n', `\n${size}\n`)));
    expect(parseCheckpoint(text.replace('\n3\n', '\n9223372036854775807\n')).size).toBe((1n << 63n) - 1n);
  });
});

describe('notes', () => {
  const text = formatCheckpoint({ origin: ORIGIN, size: 3n, root: EMPTY_ROOT });
  const line = signNote(text, ORIGIN, key);
  const note = formatNote(text, [line]);

  it('open from bytes as from text, and count one key once', () => {
    expect(openNote(utf8(note), [logKey])).toEqual(openNote(note, [logKey]));
    expect(openNote(formatNote(text, [line, line]), [logKey]).signatures).toHaveLength(1);
  });

  it('may hold a delete character and signatures of strangers', () => {
    const odd = `odd\u007f\n`;
    const strangers = cosignNote(odd, 'stranger.example', witness, 1n);
    expect(openNote(formatNote(odd, [strangers, signNote(odd, ORIGIN, key)]), [logKey]).text).toBe(odd);
  });

  it('are refused with 101 lines, bytes that are not UTF-8, and names with spaces or a plus', () => {
    refuses(() => openNote(formatNote(text, Array<string>(101).fill(line)), [logKey]));
    refuses(() => openNote(concat(Uint8Array.of(0xff), utf8(note)), [logKey]));
    refuses(() => openNote(note.replace('— log', '— lo+g'), [logKey]));
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u0085b', 'a\u2003b'])
      refuses(() => noteKey(name, ALGORITHM.log, key.publicKey));
    expect(noteKey('a\ufeffb', ALGORITHM.log, key.publicKey).name).toBe('a\ufeffb');
  });

  it('are refused when a cosignature is too short, or of another time', () => {
    const cosigned = cosignNote(text, 'witness.example', witness, 7n);
    expect(openNote(formatNote(text, [cosigned]), [witnessKey]).signatures[0]?.time).toBe(7n);
    const other = cosignNote(text, 'witness.example', witness, 8n);
    const mixed = cosigned.slice(0, 40) + other.slice(40);
    refuses(() => openNote(formatNote(text, [mixed]), [witnessKey]));
    const short = `— witness.example ${toBase64(new Uint8Array(8))}\n`;
    refuses(() => openNote(formatNote(text, [short]), [witnessKey]));
  });

  it('have keys that are refused when they are not to the byte what they say', () => {
    const vkey = formatVkey(logKey);
    expect(parseVkey(vkey)).toEqual(logKey);
    const raw = (algorithm: number): string => toBase64(concat(Uint8Array.of(algorithm), key.publicKey));
    for (const bad of ['', 'a', 'a+b', `${ORIGIN}+00000000+${raw(1)}`, `${ORIGIN}+${logKey.id}+${raw(2)}`])
      refuses(() => parseVkey(bad));
    refuses(() => parseVkey(vkey.replace(logKey.id, logKey.id.toUpperCase())));
  });
});

describe('policies', () => {
  const log = `log ${formatVkey(logKey)}`;
  const vkey = formatVkey(witnessKey);
  const vkeyOf = (seed: number): string =>
    formatVkey(
      noteKey('w.example', ALGORITHM.cosignature, signingKey(new Uint8Array(32).fill(seed)).publicKey),
    );

  it('may hold comments, blank lines, tabs and addresses', () => {
    const text = `# all\n\n${log}\thttps://log.example\nwitness w  ${vkey} https://w.example \n group g any w\nwitness v ${vkeyOf(3)}\nquorum g\n`;
    const policy = parsePolicy(text);
    expect([policy.logs, policy.witnesses, policy.isWitnessed]).toEqual([
      [logKey],
      [witnessKey, expect.anything()],
      true,
    ]);
    expect(policy.isMet([])).toBe(false);
    expect(policy.isMet([{ key: policy.witnesses[0] ?? witnessKey }])).toBe(true);
    expect(provisional(policy)).toMatchObject({ isWitnessed: false });
    expect(provisional(policy).isMet([])).toBe(true);
  });

  it('without witnesses ask for none', () => {
    const policy = parsePolicy(formatPolicy([logKey]));
    expect([policy.isWitnessed, policy.isMet([])]).toEqual([false, true]);
  });

  it.each([
    'log',
    'witness',
    'witness w',
    `witness w ${vkey} a b`,
    `witness w ${vkey}\nwitness v ${vkey}`,
    'group',
    'group g',
    'group g 1',
    `witness w ${vkey}\ngroup g 10000 w`,
    'quorum',
    `${log}\u00a0`,
    '\u00a0',
  ])('are refused: %j', (line) => {
    refuses(() => parsePolicy(`${line}\nquorum none\n`));
  });
});

describe('proofs', () => {
  const root = rootOf([leafHash(utf8('a'))]);
  const text = formatCheckpoint({ origin: ORIGIN, size: 1n, root });
  const checkpoint = formatNote(text, [signNote(text, ORIGIN, key)]);

  it('are read as they are written, with and without an opening', () => {
    for (const proof of [
      { index: 0n, hashes: [], checkpoint },
      { index: 7n, hashes: [EMPTY_ROOT], checkpoint, extra: new Uint8Array(3) },
    ])
      expect(parseProof(formatProof(proof))).toEqual(proof);
    for (const bad of ['', 'x\n\n', 'c2sp.org/tlog-proof@v1\n\n', 'c2sp.org/tlog-proof@v1\nextra AA==\n\n'])
      refuses(() => parseProof(bad));
  });

  it('are refused from a log that the policy does not name', () => {
    const policy = parsePolicy(
      `witness w ${formatVkey(witnessKey)}\nlog ${formatVkey(logKey)}\nquorum none\n`,
    );
    expect(openCheckpoint(checkpoint, policy).checkpoint.root).toEqual(root);
    const cosigned = formatNote(text, [cosignNote(text, 'witness.example', witness, 1n)]);
    refuses(() => openCheckpoint(cosigned, policy));
    const other = parsePolicy(`witness w ${formatVkey(witnessKey)}\nquorum none\n`);
    refuses(() => openCheckpoint(cosigned, other));
  });

  it('of a statement belong to its own log', () => {
    const opening = new Uint8Array(32);
    const prove = (log: string) => {
      const leaf = leafHash(statementLeaf(log, opening, 'x'));
      const signed = formatCheckpoint({ origin: ORIGIN, size: 1n, root: leaf });
      const note = formatNote(signed, [signNote(signed, ORIGIN, key)]);
      const proof = formatProof({ index: 0n, hashes: [], checkpoint: note, extra: opening });
      return verifyStatementProof(log, 'x', proof, parsePolicy(formatPolicy([logKey])));
    };
    expect(prove('log.example/consent').size).toBe(1n);
    for (const other of ['elsewhere', 'log.example', ORIGIN]) refuses(() => prove(other));
  });
});

describe('trees', () => {
  it('refuse more hashes than a proof can have, and the empty tree has the empty root', async () => {
    const hash = leafHash(utf8('a'));
    refuses(() => verifyInclusion(0n, 1n, hash, Array<Uint8Array>(65).fill(hash), hash));
    expect(await rangeRoot(() => hash, 5n, 5n)).toEqual(EMPTY_ROOT);
    expect(appendLeaves([], 0n, [])).toEqual({ tiles: [], edge: [], size: 0n, root: EMPTY_ROOT });
    expect([new GrowingTree().root, rootOf([])]).toEqual([EMPTY_ROOT, EMPTY_ROOT]);
    expect([...publishedPaths(256n)]).toEqual(['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1']);
  });

  it('refuse an edge that does not fit the size', () => {
    refuses(() => appendLeaves([], 3n, [leafHash(utf8('a'))]));
  });

  it('are the same appended in one go, in parts, and leaf by leaf', () => {
    const leaves = Array.from({ length: 66_048 }, (_, i) => leafHash(utf8(String(i))));
    const whole = appendLeaves([], 0n, leaves);
    let parts = appendLeaves([], 0n, []);
    for (let from = 0; from < leaves.length; from += 7777)
      parts = appendLeaves(parts.edge, parts.size, leaves.slice(from, from + 7777));
    const tree = new GrowingTree();
    for (const leaf of leaves) tree.add(leaf);
    expect([parts.size, parts.root]).toEqual([whole.size, whole.root]);
    expect([tree.size, tree.root]).toEqual([whole.size, whole.root]);
    const grown = new Map(
      [...tree.takeFullTiles(), ...tree.partialTiles()].map((tile) => [tilePath(tile), tile.data]),
    );
    for (const tile of whole.tiles) expect(grown.get(tilePath(tile))).toEqual(tile.data);
    expect(grown.size).toBe(whole.tiles.length);
    expect([...publishedPaths(66_048n)].filter((path) => !path.includes('entries')).sort()).toEqual(
      [...grown.keys()].sort(),
    );
  });

  it('are refused when a tile is shorter than it should be', async () => {
    const read = nodesFromTiles(() => Promise.resolve(new Uint8Array(3 * 32)));
    expect(await read(0, 2n)).toHaveLength(32);
    for (const [level, n] of [
      [0, 3n],
      [2, 0n],
    ] as const)
      await expect(read(level, n)).rejects.toThrow(Refused);
  });
});
