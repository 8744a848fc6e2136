import { describe, expect, it } from '@jest/globals';
import { equalBytes, utf8 } from '../../src/protocol/encoding/bytes.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { inputOf, TestNetwork } from '../support/log/public-log.js';

const POSITIONS = 12;

/** Where and how to change a file, the same at every run. */
function* changes(path: string, length: number): Generator<{ at: number; mask: number }> {
  for (const at of [0, length - 1]) yield { at, mask: 1 };
  for (let i = 0; i < POSITIONS; i++) {
    const drawn = sha256(utf8(`${path} ${i}`));
    const at = new DataView(drawn.buffer).getUint32(0) % length;
    yield { at, mask: (drawn[4] ?? 0) || 1 };
  }
}

describe('one changed byte anywhere in the published directory', () => {
  const network = new TestNetwork();
  const consent = network.withdraw(network.receive(network.release(network.give())));
  network.pads(300);
  network.finish();
  const files = network.publish();
  for (const [path, bytes] of network.consent.files(64)) files.set(`consent/2026/${path}`, bytes);

  it('starts from what is sound', async () => {
    const report = await verifyLogs(inputOf(network.trust, files, [await network.open(consent)]));
    expect([report.violations, report.missing, report.unknownFiles]).toEqual([[], [], []]);
  });

  it.each([...files.keys()])('is found: %s', async (path) => {
    const original = files.get(path) ?? new Uint8Array(0);
    for (const { at, mask } of changes(path, original.length)) {
      const changed = original.with(at, (original[at] ?? 0) ^ mask);
      expect(equalBytes(changed, original)).toBe(false);
      const report = await verifyLogs(inputOf(network.trust, new Map(files).set(path, changed)));
      expect([path, at, report.sound, report.violations.length > 0]).toEqual([path, at, false, true]);
    }
  });

  it.each([...files.keys()])('is found when it is added or cut off at the end: %s', async (path) => {
    const original = files.get(path) ?? new Uint8Array(0);
    for (const changed of [original.slice(0, -1), Uint8Array.of(...original, 10), new Uint8Array(0)]) {
      const report = await verifyLogs(inputOf(network.trust, new Map(files).set(path, changed)));
      expect([path, changed.length, report.violations.length > 0]).toEqual([path, changed.length, true]);
    }
  });

  it('is found in a case file as well', async () => {
    const text = utf8(canonicalText(await network.open(consent)));
    const audit = (bytes: Uint8Array) => verifyLogs(inputOf(network.trust, files, [bytes]));
    for (const { at, mask } of changes('case', text.length)) {
      const report = await audit(text.with(at, (text[at] ?? 0) ^ mask));
      expect([at, report.sound]).toEqual([at, false]);
    }
  });
});
