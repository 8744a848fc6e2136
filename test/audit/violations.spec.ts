import { beforeAll, describe, expect, it } from '@jest/globals';
import { toBase64, toBase64url, utf8 } from '../../src/protocol/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import type { AuditInput } from '../../src/protocol/audit/input.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { Refused } from '../../src/protocol/errors.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { ALGORITHM, formatNote, formatVkey, noteKey, signNote } from '../../src/protocol/log/note.js';
import { textHash } from '../../src/protocol/charter.js';
import { hashText, sign } from '../../src/protocol/signed.js';
import { inDays } from '../support/founders.js';
import {
  inputOf,
  publishPair,
  TestLog,
  TestNetwork,
  TODAY,
  YEAR,
  type Changes,
  type OpenedCase,
  type TestConsent,
  type TestWitness,
} from '../support/public-log.js';

const CONSENT = `consent/${YEAR}`;
const REGISTRY = `registry/${YEAR}`;
const decoder = new TextDecoder();

/** `check/detail` of each violation. */
function words({ violations }: AuditReport): string[] {
  return violations.map(({ check, detail }) => `${check}/${detail}`);
}

function subjects({ violations }: AuditReport): string[] {
  return violations.map(({ subject }) => subject);
}

function whole(network: TestNetwork): TestConsent {
  return network.receive(network.release(network.give()));
}

/** Audits a network that holds one case and is finished properly. */
async function audit(
  make: (network: TestNetwork) => TestConsent,
  falsify: (opened: OpenedCase) => unknown = () => undefined,
): Promise<AuditReport> {
  const network = new TestNetwork();
  const consent = make(network);
  network.finish();
  const opened = await network.open(consent);
  falsify(opened);
  return verifyLogs(inputOf(network.trust, network.publish(), [opened]));
}

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
    expect(report.checks.every(({ ok, count }) => ok && count > 0)).toBe(true);
    expect(report.gaps.map(({ gap }) => gap)).toEqual(['samples', 'tallies', 'erasure']);
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

  it('holds a consent against the charter of its day', async () => {
    const network = new TestNetwork();
    const second = network.charter.replace('"version":1', '"version":2').replace('"health-care",', '');
    const { network: id, source } = network;
    const payload = {
      network: id,
      version: 2,
      textHash: textHash(second),
      from: inDays(TODAY, 1),
      previous: toBase64url(hashText(network.entries[2] ?? '')),
    };
    network.register(sign('charter+jws', payload, source.root));
    const later = inDays(TODAY, 1);
    const [before, after] = [network.give(), network.give({ given: { day: later } })];
    network.finish();
    const files = network.publish().set('charter/2.json', utf8(second));
    const cases = [await network.open(before), await network.open(after)];
    const report = await verifyLogs(inputOf(network.trust, files, cases));
    expect([words(report), subjects(report)]).toEqual([['consent/unvoted-purpose'], ['2.json']]);
  });

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

describe('an audit with witnesses', () => {
  const network = new TestNetwork();
  const witness = (name: string, time: bigint): TestWitness => ({
    name: `relais-${network.network}/witness/${name}`,
    key: signingKey(new Uint8Array(32).fill(name.length)),
    time,
  });
  const noon = BigInt(Date.parse(`${TODAY}T12:00:00Z`) / 1000);
  const [seuil, noord] = [witness('seuil', noon), witness('noorden', noon + 60n)];
  const vkey = ({ name, key }: TestWitness): string =>
    formatVkey(noteKey(name, ALGORITHM.cosignature, key.publicKey));
  const policy = [
    ...network.policy.split('\n').slice(0, 2),
    `witness seuil ${vkey(seuil)}`,
    `witness noord ${vkey(noord)}`,
    'group committee all seuil noord',
    'quorum committee',
    '',
  ].join('\n');
  const trust = { ...network.trust, policy };
  let opened: OpenedCase;

  beforeAll(async () => {
    const consent = whole(network);
    network.finish();
    opened = await network.open(consent);
    for (const [i, statement] of opened.statements.entries()) {
      const note = network.consent.checkpoint(undefined, i === 0 ? [noord, seuil] : [seuil, noord]);
      statement.proof = statement.proof.replace(/\n\n[^]*$/, `\n\n${note}`);
    }
  });

  it('is witnessed when the quorum has signed both logs', async () => {
    const files = network.publish([seuil, noord], policy);
    const report = await verifyLogs(inputOf(trust, files, [opened]));
    expect([words(report), report.sound, report.witnessed]).toEqual([[], true, true]);
  });

  it('names a quorum that was not reached', async () => {
    const report = await verifyLogs(inputOf(trust, network.publish([seuil], policy), [opened]));
    expect(words(report)).toEqual(['quorum/too-few-witnesses', 'quorum/too-few-witnesses']);
    expect(report.witnessed).toBe(false);
  });

  it('names a policy that asks for fewer witnesses than the trusted one', async () => {
    const files = network.publish([seuil, noord], policy.replace('all', 'any'));
    expect(words(await verifyLogs(inputOf(trust, files)))).toEqual([
      'policy/not-as-trusted',
      'policy/not-as-trusted',
    ]);
  });

  it('names a signature line that nobody knows', async () => {
    const files = network.publish([seuil, noord, witness('strangers', noon)], policy);
    expect(words(await verifyLogs(inputOf(trust, files)))).toEqual([
      'note/unknown-signer',
      'note/unknown-signer',
    ]);
  });

  it('names a statement dated after a witness saw it', async () => {
    const early = network.consent.checkpoint(undefined, [witness('seuil', noon - 2n * 86_400n)]);
    const [given] = opened.statements;
    const one = {
      ...opened,
      statements: [
        { jws: given?.jws ?? '', proof: (given?.proof ?? '').replace(/\n\n[^]*$/, `\n\n${early}`) },
      ],
    };
    const report = await verifyLogs(inputOf(trust, network.publish([seuil, noord], policy), [one]));
    expect(words(report)).toEqual(['statement/day-after-cosignature']);
  });
});

describe('a log that was changed', () => {
  let network: TestNetwork;
  let files: Map<string, Uint8Array>;

  beforeAll(() => {
    network = new TestNetwork();
    whole(network);
    network.finish();
    files = network.publish();
  });

  const report = (
    change: (copy: Map<string, Uint8Array>) => void,
    trust = network.trust,
  ): Promise<AuditReport> => {
    const copy = new Map(files);
    change(copy);
    return verifyLogs(inputOf(trust, copy));
  };
  const edit = (path: string, change: (bytes: Uint8Array) => Uint8Array) => (copy: Map<string, Uint8Array>) =>
    void copy.set(path, change(copy.get(path) ?? new Uint8Array(0)));

  it('names a changed leaf', async () => {
    const changed = await report(edit(`${CONSENT}/tile/entries/000.p/64`, (bytes) => bytes.with(40, 0)));
    expect(words(changed)).toEqual(['tiles/not-of-these-entries', 'root/other-entries']);
    expect(subjects(changed)[0]).toBe(`${CONSENT}/tile/0/000.p/64`);
  });

  it('names a truncated tile', async () => {
    const cut = await report(edit(`${CONSENT}/tile/0/000.p/64`, (bytes) => bytes.slice(0, -32)));
    expect(words(cut)).toEqual(['tiles/truncated']);
  });

  it('names a bundle with half an entry, and one with an entry too few', async () => {
    const path = `${CONSENT}/tile/entries/000.p/64`;
    for (const length of [64 * 35 - 1, 63 * 35])
      expect(words(await report(edit(path, (bytes) => bytes.slice(0, length))))).toEqual(['entries/bundle']);
  });

  it('names a forged checkpoint', async () => {
    const forger = new TestLog(network.consent.origin, undefined, network.consent.leaves);
    const forged = await report((copy) => copy.set(`${CONSENT}/checkpoint`, utf8(forger.checkpoint())));
    expect(words(forged)).toEqual(['note/note-signature']);
    const silent = await report(edit(`${CONSENT}/checkpoint`, () => utf8('relais\n1\nAAAA\n')));
    expect(words(silent)).toEqual(['note/note']);
  });

  it('names the checkpoint of another log', async () => {
    const swapped = await report((copy) =>
      copy.set(`${CONSENT}/checkpoint`, utf8(network.registry.checkpoint())),
    );
    expect(words(swapped)).toEqual(['checkpoint/other-log']);
  });

  it('names a checkpoint of one log signed by the key of the other', async () => {
    const text = network.consent.checkpoint().split('\n\n')[0] ?? '';
    const { origin, key } = network.registry;
    const note = formatNote(`${text}\n`, [signNote(`${text}\n`, origin, key)]);
    expect(words(await report((copy) => copy.set(`${CONSENT}/checkpoint`, utf8(note))))).toEqual([
      'checkpoint/log-signature',
    ]);
  });

  it('still contains the checkpoints that somebody kept, or is named', async () => {
    const kept = { name: 'kept', note: utf8(network.consent.checkpoint(40)) };
    const { origin, key, leaves } = network.consent;
    const fork = new TestLog(origin, key, [...leaves.slice(0, 39), anchorLeaf(network.registry.root(3))]);
    const given = (note: string, name = 'kept'): AuditInput => ({
      ...inputOf(network.trust, files),
      checkpoints: [kept, { name, note: utf8(note) }],
    });
    expect(words(await verifyLogs(given(network.registry.checkpoint(5))))).toEqual([]);
    expect(words(await verifyLogs(given(fork.checkpoint())))).toEqual(['consistency/split-view']);
    expect(words(await verifyLogs(given('nonsense')))).toEqual(['consistency/other-log']);
    expect(words(await verifyLogs(given(new TestLog('elsewhere').checkpoint())))).toEqual([
      'consistency/other-log',
    ]);
  });

  it('names a policy that is not the trusted one', async () => {
    const other = await report(edit(`${REGISTRY}/policy`, (bytes) => utf8(`${decoder.decode(bytes)}# \n`)));
    expect(words(other)).toEqual(['policy/not-as-trusted']);
  });

  it('names files that do not belong to it, and only mentions what lies beside it', async () => {
    const strays = [
      `${CONSENT}/tile/0/001.p/3`,
      `${CONSENT}/tile/0/000.p/65`,
      `${CONSENT}/tile/9/000.p/1`,
      `${CONSENT}/tile/0/0`,
      `${CONSENT}/0/000.p/3`,
      `${CONSENT}/checkpoint.old`,
      'consent/2025/checkpoint',
      'registry/note',
    ];
    const found = await report((copy) => {
      for (const path of [...strays, 'README']) copy.set(path, new Uint8Array(1));
    });
    expect(subjects(found).sort()).toEqual([...strays].sort());
    expect(found.unknownFiles).toEqual(['README']);
  });

  it('says what is missing, and is then not sound', async () => {
    for (const path of files.keys()) {
      const without = await report((copy) => copy.delete(path));
      const isNeeded = path !== 'charter/1.json';
      expect([path, without.violations, without.missing, without.sound]).toEqual([
        path,
        [],
        isNeeded ? [path] : [],
        !isNeeded,
      ]);
    }
  });

  it('says that the charter is missing where a case must be held against it', async () => {
    const opened = await network.open(whole(network));
    network.finish();
    const copy = network.publish();
    copy.delete('charter/1.json');
    const missing = await verifyLogs(inputOf(network.trust, copy, [opened]));
    expect([missing.violations, missing.missing]).toEqual([[], ['charter/1.json']]);
  });

  it('refuses a trust file that contradicts itself', async () => {
    const { trust } = network;
    const { consent, registry } = trust.logs;
    const other = new TestLog('relais-elsewhere/consent/2026').vkey;
    const yearless = new TestLog(`relais-${network.network}/consent/next`).vkey;
    const witness = formatVkey(
      noteKey(network.consent.origin, ALGORITHM.cosignature, network.consent.key.publicKey),
    );
    for (const wrong of [
      { ...trust, logs: { consent: registry, registry } },
      { ...trust, logs: { consent: [...consent, ...consent], registry } },
      { ...trust, logs: { consent: [other], registry } },
      { ...trust, logs: { consent: [yearless], registry } },
      { ...trust, logs: { consent: [witness], registry } },
      { ...trust, logs: { consent: ['nonsense'], registry } },
      { ...trust, policy: `log ${registry[0] ?? ''}\nquorum none\n` },
    ])
      await expect(verifyLogs(inputOf(wrong, files))).rejects.toThrow(Refused);
  });
});

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

describe('a case that does not hold', () => {
  it('is named when the file is malformed', async () => {
    const network = new TestNetwork();
    network.finish();
    const files = network.publish();
    for (const [bytes, word] of [
      [utf8('{'), 'case/json'],
      [utf8('{"statements":[]}'), 'case/case'],
      [utf8('{"a":1,"a":1}'), 'case/duplicate-member'],
    ] as const)
      expect(words(await verifyLogs(inputOf(network.trust, files, [bytes])))).toEqual([word]);
  });

  it('is named when a proof is for another index, also 2^63 further', async () => {
    const shifted = await audit(whole, ({ statements }) => move(statements[1], 1n));
    expect(words(shifted)).toEqual(['opening/other-leaf']);
    const far = await audit(whole, ({ statements }) => move(statements[1], 1n << 63n));
    expect(words(far)).toEqual(['opening/proof']);
    const beyond = await audit(whole, ({ statements }) => move(statements[1], 1000n));
    expect([words(beyond), beyond.missing]).toEqual([[], [`${CONSENT} leaf 1002`]]);
  });

  it('is named when the opening, a sibling, the checkpoint or the statement is another', async () => {
    const opening = await audit(whole, (opened) =>
      edit(opened, /extra .*/, `extra ${toBase64(new Uint8Array(32))}`),
    );
    expect(words(opening)).toEqual(['opening/other-leaf']);
    const none = await audit(whole, (opened) => edit(opened, /extra .*\n/, ''));
    expect(words(none)).toEqual(['opening/no-opening']);
    const sibling = await audit(whole, (opened) =>
      edit(opened, /(index .*\n).*/, `$1${toBase64(new Uint8Array(32))}`),
    );
    expect(words(sibling)).toEqual(['inclusion/inclusion']);
    const elsewhere = await audit(whole, (opened) => edit(opened, /\n\nrelais/, '\n\nother'));
    expect(words(elsewhere)).toEqual(['inclusion/other-log']);
    const words_ = await audit(
      whole,
      ({ statements: [given] }) => given && (given.jws = given.jws.replace(/^e/, 'f')),
    );
    expect(words(words_)).toEqual(['opening/other-leaf']);
  });

  it('is named when the log has signed two roots for one size', async () => {
    const network = new TestNetwork();
    const consent = network.give();
    network.finish();
    const { origin, key, leaves } = network.consent;
    const fork = new TestLog(origin, key, leaves.with(60, anchorLeaf(network.registry.root(1))));
    const opened = await network.open(consent, fork);
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [opened]));
    expect(words(report)).toEqual(['consistency/split-view']);
  });

  function move(statement: { proof: string } | undefined, by: bigint): void {
    if (statement)
      statement.proof = statement.proof.replace(
        /index (\d+)/,
        (_, index: string) => `index ${BigInt(index) + by}`,
      );
  }

  function edit({ statements: [given] }: OpenedCase, pattern: RegExp, text: string): void {
    if (given) given.proof = given.proof.replace(pattern, text);
  }

  const byMaker: readonly (readonly [string, (network: TestNetwork) => TestConsent, string])[] = [
    ['a release after a withdrawal', (n) => n.release(n.withdraw(n.give())), 'release/after-withdrawn'],
    [
      'a receipt after a withdrawal',
      (n) => n.receive(n.withdraw(n.release(n.give()))),
      'receipt/after-withdrawn',
    ],
    [
      'a receipt after an invalidation',
      (n) => n.receive(n.invalidate(n.release(n.give()))),
      'receipt/after-invalidated',
    ],
    [
      'a release to the key of another service',
      (n) => n.release(n.give(), { toKey: boxOf(n) }),
      'release/to-key',
    ],
    ['a release of other fields', (n) => n.release(n.give(), { fields: zeros() }), 'release/fields'],
    ['a release after the last day', (n) => n.release(n.give(), { day: inDays(TODAY, 15) }), 'release/dates'],
    [
      'a release signed by another service',
      (n) => n.release(n.give(), {}, n.other.keys.sign),
      'signer/signer',
    ],
    [
      'a release by a key that nobody registered',
      (n) => n.release(n.give(), {}, new TestNetwork().consent.key),
      'signer/kid',
    ],
    ['a second release', (n) => n.release(n.release(n.give())), 'chain/link'],
    ['a statement that names no predecessor', (n) => n.release(n.give(), { prev: null }), 'chain/link'],
    ['a consent under another log', (n) => n.give({ given: { log: 'relais/consent' } }), 'statement/log'],
    [
      'a statement with a member too many',
      (n) => n.release(n.give(), { more: 1 } as object),
      'statement/schema',
    ],
    ['a person’s key of small order', (n) => n.give({ given: { person: zeros() } }), 'statement/schema'],
    ['a receipt of something not released', (n) => n.receive(n.give()), 'chain/link'],
    ['an unvoted purpose', (n) => n.give(purpose('marketing')), 'consent/unvoted-purpose'],
    ['an unvoted notice', (n) => n.give(notice(2)), 'consent/unvoted-notice'],
    [
      'a notice in other words',
      (n) => n.give({ record: { notice: { ...refer1, sha256: zeros() } } }),
      'consent-record/notice',
    ],
    ['a consent without end to the sending', (n) => n.give(dates(300, 300)), 'consent/send-until-unbounded'],
    ['a consent kept without end', (n) => n.give(dates(10, 3000)), 'consent/keep-until-unbounded'],
    ['a renewal without end', (n) => n.renew(whole(n), inDays(TODAY, 3000)), 'consent/keep-until-unbounded'],
    ['a field that no service may ask for', (n) => n.give({ fields: ['religion'] }), 'consent/refused-field'],
    ['a consent before the charter', (n) => n.give({ given: { day: '2026-11-01' } }), 'consent/no-charter'],
    ['teach-back missing', (n) => n.give({ record: { teachBack: false } }), 'consent-record/no-teach-back'],
    [
      'help that depended on it',
      (n) => n.give({ record: { helpDependsOnConsent: true } }),
      'consent-record/not-free',
    ],
    ['a record that is no object', (n) => n.give({ recordText: 'null' }), 'consent-record/no-teach-back'],
    [
      'a record of another purpose',
      (n) => n.give({ record: { purpose: 'shelter' } }),
      'consent-record/consent-record',
    ],
  ];

  it.each(byMaker)('is named: %s', async (_, make, word) => {
    const report = await audit(make);
    expect(words(report)).toContain(word);
    expect(report.sound).toBe(false);
  });

  it.each([
    [
      'the record',
      (opened: OpenedCase) => (opened.consentRecord += ' '),
      'consent-record/consent-record-commitment',
    ],
    ['the fields', (opened: OpenedCase) => (opened.fields += ' '), 'consent-record/fields-commitment'],
    ['a salt', (opened: OpenedCase) => (opened.salts.fields = zeros()), 'consent-record/fields-commitment'],
    [
      'nothing but null',
      (opened: OpenedCase) => (opened.consentRecord = 'null'),
      'consent-record/consent-record-commitment',
    ],
  ])('is named when it shows another text than was committed to: %s', async (_, change, word) => {
    expect(words(await audit(whole, change))).toEqual([word]);
  });

  it('is named when its leaves do not rise, or disclosure came after the withdrawal', async () => {
    const swapped = async (make: (n: TestNetwork) => TestConsent, a: number, b: number): Promise<string[]> =>
      words(
        await audit((network) => {
          const consent = make(network);
          swap(network, consent, a, b);
          return consent;
        }),
      );
    expect(await swapped(whole, 0, 1)).toEqual(['chain/order-in-log']);
    const withdrawn = (n: TestNetwork): TestConsent => n.withdraw(n.release(n.give()));
    expect(await swapped(withdrawn, 1, 2)).toEqual(['release/after-withdrawn']);
    expect(await swapped((n) => n.withdraw(whole(n)), 2, 3)).toEqual(['receipt/after-withdrawn']);
    expect(await swapped((n) => n.withdraw(n.give()), 0, 1)).toEqual(['withdrawal/order-in-log']);
  });

  /** Lets two statements of a consent change their places in the log. */
  function swap(
    { consent: { leaves } }: TestNetwork,
    { statements }: TestConsent,
    a: number,
    b: number,
  ): void {
    const [first, second] = [statements[a], statements[b]];
    if (!first || !second) return;
    const [i, j] = [Number(first.index), Number(second.index)];
    [leaves[i], leaves[j]] = [leaves[j] as Uint8Array, leaves[i] as Uint8Array];
    Object.assign(first, { index: BigInt(j) });
    Object.assign(second, { index: BigInt(i) });
  }

  it('is named when a leaf holds something that is no statement', async () => {
    const network = new TestNetwork();
    const { sign: key } = network.source.epoch.keys;
    for (const [text, word] of [
      ['nonsense', 'statement/form'],
      [sign('consent-statement+jws', '{"kind":1}', key), 'statement/schema'],
      [sign('consent-statement+jws', 'null', key), 'statement/schema'],
    ] as const) {
      const odd = { ...network.give(), statements: [network.state(text)] };
      network.finish();
      const report = await verifyLogs(inputOf(network.trust, network.publish(), [await network.open(odd)]));
      expect(words(report)).toEqual([word]);
    }
  });

  it('is named when two cases show two chains of one consent', async () => {
    const network = new TestNetwork();
    const consent = network.give();
    const fork = { ...consent, statements: [...consent.statements] };
    const [one, two] = [network.release(consent), network.release(fork)];
    network.finish();
    const cases = [await network.open(one), await network.open(two)];
    expect(words(await verifyLogs(inputOf(network.trust, network.publish(), cases)))).toEqual(['chain/fork']);
  });

  it('is named when a key signed after its revocation, or before it was shown', async () => {
    const revoked = await audit((network) => {
      const consent = network.release(network.give());
      network.revokeTarget();
      network.anchor();
      return network.receive(consent);
    });
    expect(words(revoked)).toEqual(['signer/revoked']);
    const early = await audit((network) => {
      const consent = network.release(network.give());
      const next = network.revokeTarget();
      network.receive(consent, TODAY, next.keys.sign);
      network.anchor(9);
      return consent;
    });
    expect(words(early)).toEqual(['signer/not-yet-registered']);
  });

  it('is named when no anchor follows', async () => {
    const network = new TestNetwork();
    const consent = network.release(network.give());
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [await network.open(consent)]));
    expect(words(report)).toEqual([
      'signer/no-anchor-after',
      'signer/no-anchor-after',
      'release/to-key-not-yet-registered',
      'consent/no-charter',
    ]);
  });

  it('is named when the key that it released to was not shown yet', async () => {
    const report = await audit((network) => {
      const next = network.revokeTarget();
      const consent = network.release(network.give(), { toKey: toBase64url(next.keys.box.id) });
      network.anchor(9);
      return consent;
    });
    expect(words(report)).toEqual(['release/to-key-not-yet-registered']);
  });
});

const zeros = (): string => toBase64url(new Uint8Array(32));
const boxOf = (network: TestNetwork): string => toBase64url(network.other.keys.box.id);
const refer1 = { family: 'refer', version: 1, language: 'fr' };
const purpose = (name: string): Changes => ({ given: { purpose: name }, record: { purpose: name } });
const notice = (version: number): Changes => ({
  given: { notice: `refer@${version}` },
  record: { notice: { ...refer1, version, sha256: zeros() } },
});
const dates = (send: number, keep: number): Changes => {
  const until = { sendUntil: inDays(TODAY, send), keepUntil: inDays(TODAY, keep) };
  return { given: until, record: until };
};
