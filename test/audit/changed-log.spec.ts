import { beforeAll, describe, expect, it } from '@jest/globals';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import type { AuditInput } from '../../src/protocol/audit/input.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { ALGORITHM, formatNote, formatVkey, noteKey, signNote } from '../../src/protocol/log/note.js';
import { subjects, whole, words } from '../support/log/audit.js';
import { inputOf, TestNetwork, YEAR } from '../support/log/public-log.js';
import { TestLog } from '../support/log/test-log.js';

const CONSENT = `consent/${YEAR}`;
const REGISTRY = `registry/${YEAR}`;
const decoder = new TextDecoder();

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
    expect(words(other)).toEqual(['policy/not-as-registered']);
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
