import { describe, expect, it } from '@jest/globals';
import { Transport } from '../../src/client/index.js';
import { RegistryFollower } from '../../src/client/device/registry.js';
import type { RegistryState } from '../../src/client/device/state.js';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { freshKey } from '../support/network/founders.js';
import { YEAR, type TestNetwork } from '../support/log/public-log.js';
import { revocationOf } from '../support/network/registry.js';
import { givenFollowed, restoredOf } from '../support/network/restored.js';
import { TestLog, type TestWitness } from '../support/log/test-log.js';

/** By whom the newest tree that witnesses have seen was seen. */
interface Witnessed {
  readonly witnesses: readonly TestWitness[];
  readonly size: number;
}

/** What a server shows that has these entries. */
function serve(network: TestNetwork, entries: readonly string[], { witnesses, size }: Witnessed): Transport {
  const log = new TestLog(network.registry.origin, network.registry.key, entries.map(utf8));
  const files = new Map<string, Uint8Array>([...log.files()]);
  files.set('cosignatures', utf8(log.checkpoint()));
  files.set('checkpoint', utf8(log.checkpoint(size, witnesses)));
  return new Transport('http://127.0.0.1', (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const bytes = files.get(pathname.replace(`/log/registry/${YEAR}/`, ''));
    return Promise.resolve(
      bytes ? new Response(bytes as Uint8Array<ArrayBuffer>) : new Response('{}', { status: 404 }),
    );
  });
}

/**
 * A device that has seen these entries is shown others. Answers how it fares: what it knows then, or why it
 * refuses.
 */
async function follow(
  { network, witness }: ReturnType<typeof givenFollowed>,
  seen: readonly string[],
  shown: { readonly entries: readonly string[] } & Partial<Witnessed>,
): Promise<RegistryState | string> {
  const { trust, policy } = network;
  const state = (registry: RegistryState) => ({
    issuer: '',
    trust: { network: trust.network, roots: trust.roots },
    policy,
    registry,
  });
  const before = new RegistryFollower(
    serve(network, seen, { witnesses: [], size: seen.length }),
    state({ entries: [], checkpoint: null }),
  );
  await before.follow();
  const after = new RegistryFollower(
    serve(network, shown.entries, { witnesses: [witness], size: shown.entries.length, ...shown }),
    state(before.state),
  );
  try {
    await after.follow();
    return after.state;
  } catch (error) {
    return (error as { check: string }).check;
  }
}

/**
 * An operator who puts back an old database can hide a revocation; that it is a restore must be said, and
 * witnessed.
 */
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

  it('is followed on beyond what the witnesses have seen, as long as they have seen the restore', async () => {
    const entries = [...kept, restored, revocation];
    expect(await follow(followed, seen, { entries, size: kept.length + 1 })).toMatchObject({ entries });
  });

  it('is refused while the witnesses have not seen it: they would not take back what they had cosigned', async () => {
    const entries = [...kept, restored];
    expect(await follow(followed, seen, { entries, witnesses: [] })).toBe('consistency');
    expect(await follow(followed, seen, { entries, size: kept.length })).toBe('consistency');
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
