import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { describe, expect, it } from '@jest/globals';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { audit, whole, words } from '../support/log/audit.js';
import { inDays } from '../support/network/founders.js';
import { inputOf, TestNetwork, TODAY, YEAR } from '../support/log/public-log.js';
import { publishPair, TestLog } from '../support/log/test-log.js';

const CONSENT = `consent/${YEAR}`;

describe('an audit of what is right', () => {
  it('is sound, counts what it saw, and says that nobody witnessed it', async () => {
    const network = new TestNetwork();
    const consents = [
      whole(network),
      network.withdraw(whole(network)),
      network.renew(whole(network), inDays(TODAY, 120)),
    ];
    consents.push(network.withdraw(network.invalidate(network.release(network.give()))));
    network.pads(300);
    network.finish();
    const cases = await Promise.all(consents.map((consent) => network.open(consent)));
    const steps: bigint[] = [];
    const report = await verifyLogs(inputOf(network.trust, network.publish(), cases), ({ done }) =>
      steps.push(done),
    );
    expect(words(report)).toEqual([]);
    expect(report).toMatchObject({ sound: true, witnessed: false, missing: [], unknownFiles: [] });
    expect(report.counts).toEqual({ leaves: 320, anchors: 2, entries: 9, cases: 4, statements: 15 });
    expect(report.checks.every(({ ok }) => ok)).toBe(true);
    expect(Object.fromEntries(report.checks.map(({ name, count }) => [name, count]))).toEqual({
      ...{ policy: 2, note: 4, checkpoint: 2, consistency: 15, entries: 3, tiles: 4, root: 2 },
      ...{ leaves: 320, registry: 9, charter: 1, anchors: 2, case: 4, opening: 15, inclusion: 15 },
      ...{ statement: 15, signer: 13, chain: 4, consent: 4, release: 4, receipt: 3 },
      ...{ 'consent-record': 4, withdrawal: 2 },
    });
    expect(report.gaps.map(({ gap }) => gap)).toEqual(['as-shown', 'samples', 'tallies', 'erasure']);
    expect(steps).toEqual([9n, 256n, 320n]);
  });

  it('says openly that no case was opened', async () => {
    const network = new TestNetwork();
    network.finish();
    const report = await verifyLogs(inputOf(network.trust, network.publish()));
    expect(report.gaps.map(({ gap }) => gap)).toContain('no-cases');
    const { log, trust } = inputOf(network.trust, network.publish());
    const unlisted = await verifyLogs({ trust, log: { read: log.read.bind(log) } });
    expect([report.sound, unlisted.sound]).toEqual([true, true]);
    expect(unlisted.gaps.map(({ gap }) => gap)).toEqual(
      expect.arrayContaining(['no-cases', 'unlisted-files']),
    );
  });

  it('takes a network before its founding, whose logs are empty', async () => {
    const network = new TestNetwork();
    network.registry.leaves.length = 0;
    network.consent.leaves.length = 0;
    const report = await verifyLogs(inputOf(network.trust, network.publish()));
    expect([report.sound, report.counts.leaves, report.unknownFiles]).toEqual([true, 0, ['charter/1.json']]);
  });

  it('lets two holders open one consent, one of whom knows less', async () => {
    const network = new TestNetwork();
    const consent = network.withdraw(whole(network));
    network.finish();
    const [long, short] = [await network.open(consent), await network.open(consent)];
    short.statements.length = 2;
    for (const cases of [
      [long, short],
      [short, long],
    ])
      expect(words(await verifyLogs(inputOf(network.trust, network.publish(), cases)))).toEqual([]);
  });

  it('says openly that a holder may have left out how a case went on', async () => {
    const network = new TestNetwork();
    const withdrawn = network.withdraw(whole(network));
    network.finish();
    const cut = await network.open(withdrawn);
    cut.statements.length = 1;
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [cut]));
    expect([report.sound, report.gaps]).toEqual([
      true,
      expect.arrayContaining([{ gap: 'as-shown', count: 1 }]),
    ]);
  });

  it('takes what a person has left once all is erased, and says what it did not compare', async () => {
    const network = new TestNetwork();
    const withdrawn = network.withdraw(whole(network));
    network.finish();
    const { statements } = await network.open(withdrawn);
    const input = inputOf(network.trust, network.publish(), [utf8(canonicalText({ statements }))]);
    const read = input.cases?.read.bind(input.cases);
    const cases = { names: ['1.html'], read: () => read?.('1.json') ?? Promise.resolve(undefined) };
    const report = await verifyLogs({ ...input, cases });
    expect([words(report), report.sound]).toEqual([[], true]);
    expect(report.gaps).toEqual(
      expect.arrayContaining([
        { gap: 'no-consent-record', count: 1 },
        { gap: 'readable-part', count: 1 },
      ]),
    );
  });

  it('keeps partial tiles of earlier sizes, if today’s begin with them', async () => {
    const network = new TestNetwork();
    network.pads(300);
    network.finish();
    const files = network.publish();
    for (const size of [64, 300])
      for (const [path, bytes] of network.consent.files(size)) files.set(`${CONSENT}/${path}`, bytes);
    expect(words(await verifyLogs(inputOf(network.trust, files)))).toEqual([]);
    files.set(`${CONSENT}/tile/0/000.p/64`, new Uint8Array(2048));
    files.set(`${CONSENT}/tile/entries/000.p/64`, new Uint8Array(64 * 35));
    const report = await verifyLogs(inputOf(network.trust, files));
    expect(words(report)).toEqual(['files/not-of-these-entries', 'files/not-of-these-entries']);
  });

  it('reads a log whose last tile is full', async () => {
    const network = new TestNetwork();
    network.pads(254);
    network.anchor();
    expect(await verifyLogs(inputOf(network.trust, network.publish()))).toMatchObject({
      sound: true,
      counts: { leaves: 256 },
    });
  });

  it('follows a consent over New Year', async () => {
    const network = new TestNetwork();
    const consent = network.give();
    network.finish();
    const next = { consent: yearAfter(network.consent), registry: yearAfter(network.registry) };
    next.consent.add(anchorLeaf(network.registry.root()));
    network.release(consent);
    const released = consent.statements.pop();
    network.consent.leaves.pop();
    const again = network.state(released?.jws ?? '', 'handoff.released', next.consent);
    next.consent.add(anchorLeaf(network.registry.root()));
    const opened = await network.open(consent);
    const proof = await next.consent.proof(again.index, again.opening);
    opened.statements.push({ jws: again.jws, proof });
    const files = network.publish();
    publishPair(files, YEAR + 1, next);
    const { consent: consents, registry: registries } = network.trust.logs;
    const logs = {
      consent: [next.consent.vkey, ...consents],
      registry: [...registries, next.registry.vkey],
    };
    const report = await verifyLogs(inputOf({ ...network.trust, logs }, files, [opened]));
    expect([words(report), report.missing, report.counts.leaves]).toEqual([[], [], 67]);
  });

  function yearAfter({ origin }: TestLog): TestLog {
    return new TestLog(origin.replace(String(YEAR), String(YEAR + 1)));
  }

  it('does not compare a checkpoint that is newer than the copy', async () => {
    const network = new TestNetwork();
    const consent = whole(network);
    network.finish();
    const files = network.publish();
    network.finish();
    const report = await verifyLogs(inputOf(network.trust, files, [await network.open(consent)]));
    expect(report.sound).toBe(true);
    expect(report.gaps).toContainEqual({ gap: 'newer-checkpoints', count: 3 });
  });

  it('mentions the person’s own word, which it does not see', async () => {
    const report = await audit((network) =>
      network.give({ given: { own: toBase64url(new Uint8Array(32)) } }),
    );
    expect([report.sound, report.gaps[0]?.gap]).toEqual([true, 'own-word']);
  });
});
