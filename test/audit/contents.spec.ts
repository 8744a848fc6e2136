import { describe, expect, it } from '@jest/globals';
import { toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { subjects, whole, words } from '../support/log/audit.js';
import { inputOf, TestNetwork, YEAR } from '../support/log/public-log.js';

const CONSENT = `consent/${YEAR}`;
const REGISTRY = `registry/${YEAR}`;

describe('leaves, anchors and entries that do not hold', () => {
  const reportOf = (network: TestNetwork): Promise<AuditReport> => {
    network.finish();
    return verifyLogs(inputOf(network.trust, network.publish()));
  };

  it('names an entry that is not 33 bytes or of no known kind', async () => {
    const network = new TestNetwork();
    for (const leaf of [new Uint8Array(32), new Uint8Array(34), new Uint8Array(33).fill(3)])
      network.consent.add(leaf);
    const report = await reportOf(network);
    expect(words(report)).toEqual(['leaves/leaf', 'leaves/leaf', 'leaves/leaf']);
    expect(subjects(report)).toEqual([1, 2, 3].map((index) => `${CONSENT} leaf ${index}`));
  });

  it('names an anchor that is no registry root, one that goes back, and a log that begins without one', async () => {
    const network = new TestNetwork();
    network.consent.add(anchorLeaf(new Uint8Array(32).fill(7)));
    network.anchor(3);
    expect(words(await reportOf(network))).toEqual(['anchors/unknown-root', 'anchors/goes-back']);
    const late = new TestNetwork();
    late.consent.leaves.length = 0;
    late.pads(1);
    expect(words(await reportOf(late))).toEqual(['anchors/no-first-anchor']);
  });

  it('names the first registry entry that is not entitled', async () => {
    const [network, stranger] = [new TestNetwork(), new TestNetwork()];
    network.register(stranger.source.entries.organisation, network.target.entries.organisation);
    const report = await reportOf(network);
    expect([words(report), subjects(report)]).toEqual([['registry/network'], [`${REGISTRY} entry 9`]]);
    const bytes = new TestNetwork();
    bytes.registry.add(Uint8Array.of(0xff, 0xfe));
    bytes.entries.push('');
    expect(words(await reportOf(bytes))).toEqual(['registry/form']);
  });

  it('names a charter that not every founder signed, and a text that nobody signed', async () => {
    const network = new TestNetwork();
    const { roots } = network.trust;
    network.finish();
    const third = { ...network.trust, roots: [...roots, toBase64url(new Uint8Array(32))] };
    const report = await verifyLogs(inputOf(third, network.publish()));
    expect(words(report)).toEqual(['charter/not-signed-by-all']);
    const files = network.publish();
    files.set('charter/1.json', utf8(network.charter.replace('essai', 'autre')));
    expect(words(await verifyLogs(inputOf(network.trust, files)))).toEqual(['charter/other-text']);
  });

  it('judges no case over logs that it could not read', async () => {
    const network = new TestNetwork();
    const consent = whole(network);
    network.finish();
    const files = network.publish();
    files.set(`${REGISTRY}/checkpoint`, utf8('nonsense'));
    const report = await verifyLogs(inputOf(network.trust, files, [await network.open(consent)]));
    expect(words(report)).toEqual(['note/note']);
    expect(report.counts.cases).toBe(0);
  });
});
