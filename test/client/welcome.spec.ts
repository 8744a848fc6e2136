import { describe, expect, it } from '@jest/globals';
import { RegistryFollower } from '../../src/client/device/registry.js';
import { Transport } from '../../src/client/device/transport.js';
import { fromHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { formatCheckpoint } from '../../src/protocol/log/checkpoint.js';
import { rootOf } from '../../src/protocol/log/merkle.js';
import { formatNote, signNote } from '../../src/protocol/log/note.js';
import { formatBundle } from '../../src/protocol/log/tiles.js';
import { entries, hashes, registry, vectors } from '../support/log/log-vectors.js';
import { readVectors } from '../support/log/vectors.js';

const SIZE = entries.length;
const SEEN = SIZE - 2;
const { trust } = readVectors('registry.json') as { trust: { network: string; roots: string[] } };

/** A checkpoint by the log's own key: whoever runs the log can sign any. */
function checkpointOf(size: number, root: Uint8Array): string {
  const text = formatCheckpoint({ origin: registry.origin, size: BigInt(size), root });
  return formatNote(text, [signNote(text, registry.origin, signingKey(fromHex(registry.keySeed)))]);
}

/** A new device has the checkpoint that its coordinator saw, and no entry yet. */
function joinedAfter(checkpoint: string): RegistryFollower {
  const serve: typeof fetch = (input) => {
    const isCheckpoint = String(input instanceof Request ? input.url : input).endsWith('/cosignatures');
    const bundle = formatBundle(entries.map(({ jws }) => utf8(jws)));
    const shown = isCheckpoint ? utf8(checkpointOf(SIZE, rootOf(hashes('registry')))) : bundle;
    return Promise.resolve(new Response(Buffer.from(shown)));
  };
  const network = { trust, policy: vectors.provisionalPolicy, registry: { entries: [], checkpoint } };
  return new RegistryFollower(new Transport('https://relais.example', serve), {
    issuer: 'https://relais.example',
    ...network,
  });
}

describe('a device that joins by a welcome', () => {
  it('follows a registry that goes on from what its coordinator saw', async () => {
    const seen = checkpointOf(SEEN, rootOf(hashes('registry').slice(0, SEEN)));
    expect((await joinedAfter(seen).follow()).entries).toHaveLength(SIZE);
  });

  it('refuses a registry that is another one than its coordinator saw, however much longer', async () => {
    const other = checkpointOf(SEEN, rootOf(hashes('registry').slice(1, SEEN + 1)));
    await expect(joinedAfter(other).follow()).rejects.toMatchObject({ check: 'consistency' });
  });
});
