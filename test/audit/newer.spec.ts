import { describe, expect, it } from '@jest/globals';
import { toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { Findings } from '../../src/protocol/audit/report.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { refuse } from '../../src/protocol/encoding/errors.js';
import { whole, words } from '../support/log/audit.js';
import { inputOf, TestNetwork } from '../support/log/public-log.js';

/** An entry of a kind that this version does not know. */
function entryOfLater(network: TestNetwork): string {
  const [, payload = '', signature = ''] = (network.entries.at(-1) ?? '').split('.');
  const header = { alg: 'Ed25519', typ: 'seat+jws', kid: toBase64url(new Uint8Array(32)) };
  return `${toBase64url(utf8(JSON.stringify(header)))}.${payload}.${signature}`;
}

describe('an audit by an older version', () => {
  it('says that a newer one is needed, and neither condemns nor vouches for what comes after', async () => {
    const network = new TestNetwork();
    const consent = whole(network);
    network.register(entryOfLater(network));
    network.finish();
    const opened = await network.open(consent);
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [opened]));
    expect(words(report)).toEqual([]);
    expect(report.sound).toBe(false);
    expect(JSON.stringify(report)).toContain('newer');
  });

  it('holds nothing against an object that a newer version wrote', () => {
    const findings = new Findings();
    const newer = (): string => refuse('upgrade');
    expect(findings.probe('registry', 'a place', newer)).toBeUndefined();
    expect(findings.report()).toMatchObject({ sound: false, violations: [] });
  });
});
