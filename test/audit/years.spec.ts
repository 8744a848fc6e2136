import { describe, expect, it } from '@jest/globals';
import { throughYears } from '../../src/protocol/audit/trusted-logs.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { ALGORITHM, formatVkey, noteKey, parseVkey } from '../../src/protocol/log/note.js';
import { formatPolicy } from '../../src/protocol/log/policy.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { closedTree } from '../../src/protocol/registry/registry-logs.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { words } from '../support/log/audit.js';
import { freshKey } from '../support/network/founders.js';
import { inputOf, TestNetwork, YEAR } from '../support/log/public-log.js';
import { refusal } from '../support/network/registry.js';
import { TestLog } from '../support/log/test-log.js';
import { NEW_YEARS_DAY, openingOf, treeOf, turnYear, type TurnChange } from '../support/log/years.js';

const OTHER = { origin: 'other', size: 0, root: toBase64url(new Uint8Array(32)) };

/** A network that has seen one New Year, and maybe not as it should. */
async function auditOf(change: TurnChange, after?: (network: TestNetwork) => void): Promise<AuditReport> {
  const network = new TestNetwork();
  turnYear(network, change);
  after?.(network);
  network.finish();
  return verifyLogs(inputOf(network.trust, network.publish()));
}

describe('an audit over two years', () => {
  it('needs the trust file of the first one, and judges cases that lie in both', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source);
    const [across, old] = [
      network.release(network.give()),
      network.withdraw(network.release(network.give())),
    ];
    turnYear(network);
    network.receive(across);
    const young = network.receive(network.release(network.give()));
    network.addWitness(network.target);
    network.finish();
    const opened = await Promise.all([across, old, young].map((consent) => network.open(consent)));
    const policies = network.publish([witness]);
    const report = await verifyLogs(inputOf(network.trust, network.publish([witness]), opened));
    // the second witness, of the new year, has cosigned nothing
    expect(words(report)).toEqual(['quorum/too-few-witnesses', 'quorum/too-few-witnesses']);
    expect(report.counts.cases).toBe(3);
    expect(new TextDecoder().decode(policies.get(`registry/${YEAR}/policy`))).toContain('group witnesses 1 ');
    expect(new TextDecoder().decode(policies.get(`registry/${YEAR + 1}/policy`))).toContain(
      'group witnesses 2 ',
    );
  });

  it('is sound, whether the trust file was written in the first year or in the second', async () => {
    const network = new TestNetwork();
    turnYear(network);
    network.finish();
    const logs = {
      consent: [...network.trust.logs.consent, network.consent.vkey],
      registry: [...network.trust.logs.registry, network.registry.vkey],
    };
    for (const trust of [network.trust, { ...network.trust, logs }]) {
      const report = await verifyLogs(inputOf(trust, network.publish()));
      expect([words(report), report.sound, report.counts.entries]).toEqual([
        [],
        true,
        network.entries.length,
      ]);
    }
    const wrong = {
      ...network.trust,
      logs: { ...logs, consent: [logs.consent[0] ?? '', network.ended[0]?.consent.vkey ?? ''] },
    };
    await expect(verifyLogs(inputOf(wrong, network.publish()))).rejects.toMatchObject({ check: 'trust' });
  });

  it('holds a statement of the old year to the anchors around it, and one of the new to its own', async () => {
    const network = new TestNetwork();
    const signer = network.target.epoch.keys.sign;
    const [kept, late] = [network.release(network.give()), network.release(network.give())];
    network.receive(kept);
    network.revokeTarget();
    network.anchor();
    turnYear(network);
    network.receive(late, undefined, signer);
    network.finish();
    const opened = await Promise.all([kept, late].map((consent) => network.open(consent)));
    const report = await verifyLogs(inputOf(network.trust, network.publish(), opened));
    expect(report.violations).toEqual([
      expect.objectContaining({ subject: '2.json statement 3', check: 'signer' }),
    ]);
  });

  it('is sound over three years', async () => {
    const network = new TestNetwork();
    const consent = network.release(network.give());
    turnYear(network);
    turnYear(network);
    network.withdraw(network.receive(consent));
    network.finish();
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [await network.open(consent)]));
    expect([words(report), report.sound]).toEqual([[], true]);
  });

  it('is led by the trust file through all years', async () => {
    const network = new TestNetwork();
    const entries = () => network.entries.at(-1) ?? '';
    turnYear(network);
    const [announcement = ''] = network.entries.slice(-2);
    const visited: string[] = [];
    const logs = await throughYears(network.trust, (ofYear) => {
      visited.push(...ofYear.map(({ directory }) => directory));
      return Promise.resolve(visited.length === 2 ? announcement : entries());
    });
    expect(visited).toEqual([YEAR, YEAR + 1].flatMap((year) => [`registry/${year}`, `consent/${year}`]));
    expect(logs.map(({ isAnnounced = false }) => isAnnounced)).toEqual([false, false, true, true]);
    const { registry, ...consentOnly } = network.trust.logs;
    expect(registry).toHaveLength(1);
    const trust = { ...network.trust, logs: { ...consentOnly, registry: [] } };
    expect(await throughYears(trust, () => Promise.resolve(announcement))).toHaveLength(1);
  });

  it('says that a new year’s logs are not in the copy, where no quorum has seen them yet', async () => {
    const network = new TestNetwork();
    turnYear(network);
    const files = network.publish();
    for (const path of [...files.keys()]) if (path.includes(`/${YEAR + 1}/`)) files.delete(path);
    const { sound, gaps } = await verifyLogs(inputOf(network.trust, files));
    expect([sound, gaps]).toEqual([
      true,
      expect.arrayContaining([{ gap: 'next-year', count: 2 }]) as unknown,
    ]);
  });

  it('holds a quorum that was agreed on paper for the year after too', async () => {
    const network = new TestNetwork();
    const witness = { name: 'relais-paper/witness', key: freshKey(), time: 1_900_000_000n };
    const { consent, registry } = network;
    turnYear(network);
    network.finish();
    const logs = [consent, registry].map(({ vkey }) => parseVkey(vkey));
    const key = noteKey(witness.name, ALGORITHM.cosignature, witness.key.publicKey);
    const policy = formatPolicy(logs, [{ organisation: 'paper', key }]);
    const trust = { ...network.trust, policy };
    const reportOf = async (witnesses: (typeof witness)[]): Promise<string[]> => {
      const files = network.publish(witnesses);
      for (const name of ['consent', 'registry'])
        files.set(`${name}/${YEAR}/policy`, new TextEncoder().encode(policy));
      return words(await verifyLogs(inputOf(trust, files)));
    };
    expect(await reportOf([witness])).toEqual(['note/unknown-signer', 'note/unknown-signer']);
    expect(await reportOf([])).toContain('quorum/too-few-witnesses');
  });
});

/** The operator writes both logs, and could begin a year as it likes. */
describe('a year that begins otherwise than it should', () => {
  it.each<[string, TurnChange, string[]]>([
    ['with keys that another key than the log’s names', { announcedBy: freshKey() }, ['registry/signer']],
    [
      'with a registry signed by a key that nobody named',
      { next: { registry: freshKey() } },
      ['note/note-signature'],
    ],
    [
      'with a consent log signed by a key that nobody named',
      { next: { consent: freshKey() } },
      ['note/note-signature'],
    ],
    ['with an entry by another key', { openedBy: freshKey() }, ['registry/signer']],
    ['after another registry', { opening: { registry: OTHER } }, ['registry/log-opening']],
  ])('is found: %s', async (_, change, found) => {
    const report = await auditOf(change);
    expect(words(report)).toEqual(expect.arrayContaining(found));
    expect(report.sound).toBe(false);
  });

  it('is found: after another consent log than the one that ended, or one that grew afterwards', async () => {
    const network = new TestNetwork();
    const { consent } = network;
    const half = (): ReturnType<typeof treeOf> => treeOf(consent, consent.leaves.length - 32);
    network.finish();
    network.finish();
    turnYear(network, { opening: { consent: half() } });
    network.finish();
    expect(words(await verifyLogs(inputOf(network.trust, network.publish())))).toEqual([
      'consistency/grew-after-end',
    ]);
    const other = await auditOf({ opening: { consent: { ...treeOf(new TestNetwork().consent), size: 64 } } });
    expect(words(other)).toEqual(['registry/log-opening']);
    const forked = new TestNetwork();
    forked.finish();
    turnYear(forked, { opening: { consent: { ...treeOf(forked.consent, 64), root: OTHER.root } } });
    forked.finish();
    expect(words(await verifyLogs(inputOf(forked.trust, forked.publish())))).toContain(
      'consistency/split-view',
    );
  });

  it('is found: after a pair of logs that the registry never named', async () => {
    const network = new TestNetwork();
    turnYear(network);
    const origin = network.registry.origin;
    turnYear(network, { opening: { consent: { ...treeOf(network.consent), origin } } });
    network.finish();
    expect(words(await verifyLogs(inputOf(network.trust, network.publish())))).toEqual([
      'registry/log-opening',
    ]);
  });

  it('is found: in the log of the year that ended', async () => {
    const network = new TestNetwork();
    turnYear(network);
    const [opening = ''] = network.entries.slice(-1);
    network.ended[0]?.registry.add(new TextEncoder().encode(opening));
    expect(words(await verifyLogs(inputOf(network.trust, network.publish())))).toContain(
      'registry/other-year',
    );
  });

  it('is found: with an anchor of the registry as it was before', async () => {
    const report = await auditOf({ anchorTo: 0 }, (network) => {
      network.consent.add(anchorLeaf(network.ended[0]?.registry.root(3) ?? new Uint8Array(32)));
    });
    expect(words(report)).toEqual(['anchors/goes-back']);
  });
});

describe('the registry at the change of year', () => {
  const network = new TestNetwork();
  const next = { consent: freshKey(), registry: freshKey() };
  const of = (text: string) => ({ network: network.network, from: NEW_YEARS_DAY, key: text });
  const announced = (change: Record<string, string> = {}, key = network.registry.key): string => {
    turned ??= namesOf(network);
    return sign('log-key+jws', { ...of(toBase64url(key.publicKey)), ...turned, ...change }, key);
  };
  let turned: { consent: string; registry: string } | undefined;
  const before = followRegistry(emptyRegistry(network.trust), network.entries);

  function namesOf({ network: id }: TestNetwork, year = YEAR + 1, keys = next) {
    const vkeyOf = (kind: 'consent' | 'registry'): string =>
      vkey(`relais-${id}/${kind}/${year}`, keys[kind].publicKey);
    return { consent: vkeyOf('consent'), registry: vkeyOf('registry') };
  }

  it('names a pair of logs of this network and one later year', () => {
    expect(refusal(before, announced())).toBeUndefined();
    const later = namesOf(network, YEAR + 2);
    const elsewhere = namesOf(new TestNetwork());
    for (const change of [
      { consent: later.consent },
      { registry: elsewhere.registry },
      elsewhere,
      { registry: later.registry.replace('registry', 'archives') },
      namesOf(network, 20270),
      { registry: vkey(`relais-${network.network}/registry/${YEAR + 1}`, next.registry.publicKey, 4) },
    ])
      expect(refusal(before, announced(change))).toMatch(/^(log-key|vkey)$/);
    const twice = followRegistry(before, [announced()]);
    const opened = followRegistry(twice, [opening()]);
    expect(
      refusal(
        opened,
        sign(
          'log-key+jws',
          { ...of(toBase64url(next.registry.publicKey)), ...namesOf(network) },
          next.registry,
        ),
      ),
    ).toBe('log-key');
    expect(refusal(opened, announced(later))).toBe('signer');
    expect(
      refusal(
        opened,
        sign('log-key+jws', { ...of(toBase64url(next.registry.publicKey)), ...later }, next.registry),
      ),
    ).toBeUndefined();
  });

  function opening(change: TurnChange['opening'] = {}, key = next.registry): string {
    const log = treeOf(network.registry);
    const all = [...network.registry.leaves, new TextEncoder().encode(announced())];
    const registry = treeOf(new TestLog(log.origin, network.registry.key, all));
    return sign('log-opening+jws', { ...openingOf(network, key), registry, ...change }, key);
  }

  it('goes on with that year’s first entry and nothing else', () => {
    expect(refusal(before, opening())).toBe('chain');
    const closed = followRegistry(before, [announced()]);
    expect(refusal(closed, announced())).toBe('chain');
    expect(refusal(closed, network.entries[0] ?? '')).toBe('chain');
    expect(refusal(closed, opening())).toBeUndefined();
    expect(refusal(closed, opening({}, freshKey()))).toBe('signer');
    const { origin } = network.consent;
    const tree = treeOf(network.consent);
    for (const consent of [
      { ...tree, origin: network.registry.origin },
      { ...tree, origin: origin.replace(String(YEAR), String(YEAR - 1)) },
      { ...tree, origin: origin.replace(String(YEAR), String(YEAR + 1)) },
    ])
      expect(refusal(closed, opening({ consent }))).toBe('log-opening');
    const later = treeOf(network.registry);
    expect(refusal(closed, opening({ registry: later }))).toBe('log-opening');
  });

  it('tells how each log of an earlier year ended', () => {
    const closed = followRegistry(before, [announced()]);
    expect(closedTree(closed, network.consent.origin)).toBeUndefined();
    const opened = followRegistry(closed, [opening()]);
    expect(closedTree(opened, network.consent.origin)?.size).toBe(BigInt(network.consent.leaves.length));
    expect(closedTree(opened, `${network.log}/${YEAR + 1}`)).toBeUndefined();
  });
});

function vkey(name: string, key: Uint8Array, algorithm: 1 | 4 = 1): string {
  return formatVkey(noteKey(name, algorithm, key));
}
