import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { uint32be } from '../../src/protocol/encoding/bytes.js';
import { formatCheckpoint } from '../../src/protocol/log/checkpoint.js';
import { GrowingTree } from '../../src/protocol/log/growing-tree.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { leafHash } from '../../src/protocol/log/merkle.js';
import { formatNote, signNote } from '../../src/protocol/log/note.js';
import { bundlePath, formatBundle, tilePath } from '../../src/protocol/log/tiles.js';
import { TestNetwork } from '../support/log/public-log.js';
import { rounds } from '../support/machines/rounds.js';

const LEAVES = rounds(50_000, 1_000_000);
/**
 * Of the process itself: on Linux `maxRSS` also counts what it was forked from, which is the whole test
 * runner.
 */
const SAYS_MEMORY = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  process.on('exit', () => {
    const own = existsSync('/proc/self/status') && /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    process.stderr.write('maxRSS ' + (own || process.resourceUsage().maxRSS));
  });
`)}`;

/** An auditor has an old laptop; a year of a busy network must fit on it. */
describe(`a log of ${LEAVES} leaves`, () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-large-'));
  const [copy, trust] = [join(root, 'log'), join(root, 'trust.json')];

  beforeAll(() => {
    const network = new TestNetwork();
    network.finish();
    const write = (path: string, bytes: Uint8Array | string): void => {
      const file = join(copy, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    };
    for (const [path, bytes] of network.publish())
      if (path === 'consent/2026/policy' || !path.startsWith('consent/')) write(path, bytes);
    const tree = writeLeaves(anchorLeaf(network.registry.root()), (path, bytes) => {
      write(`consent/2026/${path}`, bytes);
    });
    const { origin, key } = network.consent;
    const text = formatCheckpoint({ origin, size: BigInt(LEAVES), root: tree.root });
    write('consent/2026/checkpoint', formatNote(text, [signNote(text, origin, key)]));
    writeFileSync(trust, JSON.stringify(network.trust));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('is verified whole, in less than 200 MB', () => {
    const args = [
      '--import',
      SAYS_MEMORY,
      'dist/src/cli/main.js',
      'verify',
      copy,
      '--trust',
      trust,
      '--json',
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sound: true, counts: { leaves: LEAVES, anchors: 2 } });
    const kilobytes = Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
    expect(kilobytes).toBeGreaterThan(20_000);
    expect(kilobytes).toBeLessThan(200_000);
  });
});

/** An anchor, leaves that hide nothing, and an anchor. */
function writeLeaves(anchor: Uint8Array, write: (path: string, bytes: Uint8Array) => void): GrowingTree {
  const tree = new GrowingTree();
  let bundle: Uint8Array[] = [];
  for (let i = 0; i < LEAVES; i++) {
    const leaf = new Uint8Array(33).fill(1, 0, 1);
    leaf.set(uint32be(i), 1);
    const entry = i === 0 || i === LEAVES - 1 ? anchor : leaf;
    tree.add(leafHash(entry));
    bundle.push(entry);
    if (bundle.length === 256 || i === LEAVES - 1) {
      write(bundlePath({ index: BigInt(Math.floor(i / 256)), width: bundle.length }), formatBundle(bundle));
      bundle = [];
    }
    for (const tile of tree.takeFullTiles()) write(tilePath(tile), tile.data);
  }
  for (const tile of tree.partialTiles()) write(tilePath(tile), tile.data);
  return tree;
}
