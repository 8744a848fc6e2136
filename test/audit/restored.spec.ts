import { describe, expect, it } from '@jest/globals';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { words } from '../support/log/audit.js';
import { freshKey } from '../support/network/founders.js';
import { inputOf, TestNetwork } from '../support/log/public-log.js';
import { refusal } from '../support/network/registry.js';
import { givenFollowed, restoredOf, type Change } from '../support/network/restored.js';

describe('the word that a network was restored', () => {
  it('stands right after the entries that are left, and is signed by the key that it names', () => {
    const { network, kept } = givenFollowed();
    const registry = followRegistry(emptyRegistry(network.trust), kept);
    expect(refusal(registry, restoredOf(network, kept.length))).toBeUndefined();
    expect(refusal(registry, restoredOf(network, kept.length - 1))).toBe('chain');
    expect(
      refusal(registry, restoredOf(network, kept.length, { key: toBase64url(freshKey().publicKey) })),
    ).toBe('kid');
    expect(refusal(registry, restoredOf(network, kept.length, { network: network.source.id }))).toBe(
      'network',
    );
  });

  const auditOf = async (change: Change, key?: SigningKey) => {
    const { network, witness } = givenFollowed();
    network.register(restoredOf(network, network.entries.length, change, key));
    network.finish();
    return verifyLogs(inputOf(network.trust, network.publish([witness])));
  };

  it('is told to an auditor, who finds nothing wrong with it', async () => {
    const report = await auditOf({});
    expect([words(report), report.gaps]).toEqual([
      [],
      expect.arrayContaining([{ gap: 'restored', count: 1 }]) as unknown,
    ]);
  });

  it('is a violation where another key has signed it, or where the consent log never had that tree', async () => {
    expect(words(await auditOf({}, freshKey()))).toEqual(['registry/signer']);
    const consent = { origin: '', size: 1, root: toBase64url(new Uint8Array(32)) };
    const network = new TestNetwork();
    const origin = network.consent.origin;
    network.register(restoredOf(network, network.entries.length, { consent: { ...consent, origin } }));
    network.finish();
    expect(words(await verifyLogs(inputOf(network.trust, network.publish())))).toEqual([
      'consistency/split-view',
    ]);
  });
});
