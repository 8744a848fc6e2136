import { describe, expect, it } from '@jest/globals';
import { Transport } from '../../src/client/index.js';
import { RegistryFollower } from '../../src/client/registry.js';
import type { RegistryState } from '../../src/client/state.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { toBase64url, utf8 } from '../../src/protocol/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry.js';
import type { Payload } from '../../src/protocol/schemas/signed.js';
import { sign } from '../../src/protocol/signed.js';
import { words } from '../support/audit.js';
import { freshKey } from '../support/founders.js';
import { inputOf, TestNetwork, TODAY, YEAR } from '../support/public-log.js';
import { refusal, revocationOf } from '../support/registry.js';
import { TestLog, type TestWitness } from '../support/test-log.js';

type Change = Partial<Payload<'log-restored+jws'>>;

/** A network with a witness, whose registry devices have followed, with a last entry that the witness never saw. */
function givenFollowed() {
  const network = new TestNetwork();
  const witness = network.addWitness(network.source);
  network.finish();
  const kept = [...network.entries];
  const { id, coordinator } = network.target;
  const revocation = revocationOf(network.at, { id }, network.target.epoch.keys.sign.kid, coordinator);
  return { network, witness, kept, revocation };
}

function restoredOf(
  network: TestNetwork,
  entries: number,
  change: Change = {},
  key: SigningKey = network.registry.key,
): string {
  const { origin, leaves } = network.consent;
  const consent = { origin, size: leaves.length, root: toBase64url(network.consent.root()) };
  const payload = {
    network: network.network,
    key: toBase64url(key.publicKey),
    consent,
    entries,
    from: TODAY,
  };
  return sign('log-restored+jws', { ...payload, ...change }, key);
}

/** What a server shows that has these entries. */
function serve(
  network: TestNetwork,
  entries: readonly string[],
  witnesses: readonly TestWitness[],
): Transport {
  const log = new TestLog(network.registry.origin, network.registry.key, entries.map(utf8));
  const files = new Map<string, Uint8Array>([...log.files()]);
  files.set('cosignatures', utf8(log.checkpoint(entries.length, witnesses)));
  return new Transport('http://127.0.0.1', (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const bytes = files.get(pathname.replace(`/log/registry/${YEAR}/`, ''));
    return Promise.resolve(
      bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : new Response('{}', { status: 404 }),
    );
  });
}

/** A device that has seen these entries is shown others. Answers how it fares: what it knows then, or why it refuses. */
async function follow(
  { network, witness }: ReturnType<typeof givenFollowed>,
  seen: readonly string[],
  shown: { readonly entries: readonly string[]; readonly witnesses?: readonly TestWitness[] },
): Promise<RegistryState | string> {
  const { trust, policy } = network;
  const state = (registry: RegistryState) => ({
    issuer: '',
    trust: { network: trust.network, roots: trust.roots },
    policy,
    registry,
  });
  const before = new RegistryFollower(serve(network, seen, []), state({ entries: [], checkpoint: null }));
  await before.follow();
  const after = new RegistryFollower(
    serve(network, shown.entries, shown.witnesses ?? [witness]),
    state(before.state),
  );
  try {
    await after.follow();
    return after.state;
  } catch (error) {
    return (error as { check: string }).check;
  }
}

/** An operator who puts back an old database can hide a revocation; that it is a restore must be said, and witnessed. */
describe('a registry that lacks what a device has seen', () => {
  const followed = givenFollowed();
  const { network, kept, revocation } = followed;
  const restored = restoredOf(network, kept.length);
  const seen = [...kept, revocation];

  it('is followed on where the log says so, and witnesses have seen it; what was lost is kept', async () => {
    const state = await follow(followed, seen, { entries: [...kept, restored] });
    expect(state).toMatchObject({ entries: [...kept, restored], lost: [revocation] });
  });

  it('has lost nothing that was posted again', async () => {
    const state = await follow(followed, seen, { entries: [...kept, restored, revocation] });
    expect(state).toMatchObject({ entries: [...kept, restored, revocation] });
    expect(state).not.toHaveProperty('lost');
  });

  it('is refused without a word of a restore, as short or as long as it is', async () => {
    expect(await follow(followed, seen, { entries: kept })).toBe('rollback');
    const other = revocationOf(
      network.at,
      network.source,
      network.source.epoch.keys.sign.kid,
      network.source.coordinator,
    );
    expect(await follow(followed, seen, { entries: [...kept, other] })).toBe('consistency');
  });

  it('is refused while the witnesses have not seen it: they would not take back what they had cosigned', async () => {
    expect(await follow(followed, seen, { entries: [...kept, restored], witnesses: [] })).toBe('consistency');
  });

  it('is refused where entries before the restore are others, or the restore is an old one', async () => {
    const swapped = [...kept.slice(0, -2), ...kept.slice(-2).reverse()];
    expect(await follow(followed, seen, { entries: [...swapped, restored] })).toBe('consistency');
    expect(await follow(followed, [...kept, restored, revocation], { entries: [...kept, restored] })).toBe(
      'rollback',
    );
  });

  it('is refused where another key than the log’s says so', async () => {
    const forged = restoredOf(network, kept.length, {}, freshKey());
    expect(await follow(followed, seen, { entries: [...kept, forged] })).toBe('signer');
    expect(await follow(followed, kept, { entries: [...kept, forged] })).toBe('signer');
  });
});

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
