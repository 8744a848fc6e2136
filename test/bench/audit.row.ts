import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { GrowingTree } from '../../src/protocol/log/growing-tree.js';
import { leafHash } from '../../src/protocol/log/merkle.js';
import { verifyChain } from '../../src/protocol/consent/statements.js';
import { sendMaker } from './sends.js';
import { opensslHashSeconds, opensslVerifySeconds } from './openssl.js';
import { measure, type Figure, type Plan } from './plan.js';
import type { Setting } from './setting.js';

const LEAVES = 1_000_000;
const LEAF_BYTES = 34;
const NODE_BYTES = 65;
const CHAINS = 500;

/** Rows 8 and 9: what an auditor's machine spends on a log, against OpenSSL's own loops. */
export async function auditRows({ server }: Setting, plan: Plan): Promise<Figure[]> {
  const registry = await server.network.laRuelle.worker.registry();
  const log = server.network.laRuelle.worker.consentLog;
  const sends = await sendMaker(server.network);
  const chains = Array.from({ length: CHAINS }, () => textsOf(sends.make().body));
  const hashing = await measure(plan, { tree: () => Promise.resolve(treeSeconds()) }, ({ tree = NaN }) => ({
    ratio: tree / (LEAVES * (opensslHashSeconds(LEAF_BYTES) + opensslHashSeconds(NODE_BYTES))),
    note: `${tree.toFixed(2)} s, ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`,
  }));
  const verify = (): number => secondsOf(() => chains.forEach((texts) => verifyChain(log, texts, registry)));
  const verifying = await measure(
    plan,
    { chains: () => Promise.resolve(verify()) },
    ({ chains: took = NaN }) => ({
      ratio: (2 * CHAINS * opensslVerifySeconds()) / took,
      note: `${((2 * CHAINS) / took).toFixed(0)} statements/s`,
    }),
  );
  return [
    {
      row: '8',
      what: `auditor: hashing ${LEAVES} leaves / OpenSSL’s loop over the same hashes`,
      ratios: hashing.map(({ ratio }) => ratio),
      goal: { is: '≤', value: 1.35 },
      note: hashing.at(-1)?.note ?? '',
    },
    {
      row: '9',
      what: 'auditor: statements of chains, verified / openssl speed ed25519',
      ratios: verifying.map(({ ratio }) => ratio),
      goal: { is: '≥', value: 0.88 },
      note: verifying.at(-1)?.note ?? '',
    },
  ];
}

function treeSeconds(): number {
  const leaf = new Uint8Array(LEAF_BYTES - 1);
  const view = new DataView(leaf.buffer);
  return secondsOf(() => {
    const tree = new GrowingTree();
    for (let i = 0; i < LEAVES; i++) {
      view.setUint32(1, i);
      tree.add(leafHash(leaf));
      if (i % 256 === 0) tree.takeFullTiles();
    }
    toBase64url(tree.root);
  });
}

function textsOf(body: string): string[] {
  const { statements } = JSON.parse(body) as { statements: { jws: string }[] };
  return statements.map(({ jws }) => jws);
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
