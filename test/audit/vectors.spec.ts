import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { inputOf, type OpenedCase } from '../support/log/public-log.js';
import { TestLog } from '../support/log/test-log.js';

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}

interface Log {
  readonly origin: string;
  readonly vkey: string;
}

const { logs, checkpoints, policy, auditCase, refused } = read('log.json') as {
  logs: { consent: Log & { leaves: { data: string }[] }; registry: Log };
  checkpoints: { name: string; note: string }[];
  policy: string;
  auditCase: OpenedCase;
  refused: { notes: { name: string; note: string }[] };
};
const { trust, entries } = read('registry.json') as {
  trust: { network: string; roots: string[] };
  entries: { jws: string }[];
};

const trustFile = {
  ...trust,
  logs: { consent: [logs.consent.vkey], registry: [logs.registry.vkey] },
  policy,
};

function published(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const leaves = {
    consent: logs.consent.leaves.map(({ data }) => fromHex(data)),
    registry: entries.map(({ jws }) => utf8(jws)),
  };
  const notes = { consent: 'secondCosigned', registry: 'registrySecondCosigned' };
  for (const kind of ['consent', 'registry'] as const) {
    const note = checkpoints.find(({ name }) => name === notes[kind])?.note ?? '';
    files.set(`${kind}/2026/policy`, utf8(policy)).set(`${kind}/2026/checkpoint`, utf8(note));
    const log = new TestLog(logs[kind].origin, undefined, leaves[kind]);
    for (const [path, bytes] of log.files()) files.set(`${kind}/2026/${path}`, bytes);
  }
  return files;
}

describe('the logs of the vectors, written by another implementation', () => {
  it('are witnessed, and their case holds as far as their charter is known', async () => {
    const { statements, consentRecord, fields, salts } = auditCase;
    const opened = { statements, consentRecord, fields, salts };
    const kept = checkpoints.map(({ name, note }) => ({ name, note: utf8(note) }));
    const report = await verifyLogs({ ...inputOf(trustFile, published(), [opened]), checkpoints: kept });
    expect(report.violations).toEqual([]);
    expect(report.missing).toEqual(['charter/1.json']);
    expect(report.counts).toEqual({
      leaves: 128,
      anchors: 4,
      entries: 11,
      cases: 1,
      statements: statements.length,
    });
    expect(report.witnessed).toBe(true);
  });

  it.each(refused.notes.map(({ name, note }) => [name, note] as const))(
    'are not sound with this checkpoint: %s',
    async (_, note) => {
      const files = published().set('consent/2026/checkpoint', utf8(note));
      const report = await verifyLogs(inputOf(trustFile, files));
      expect([report.violations.length > 0, report.witnessed]).toEqual([true, false]);
    },
  );
});
