import { describe, expect, it } from '@jest/globals';
import { newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { everyWitness, witnessesAt } from '../../src/protocol/registry/registry-witnesses.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import {
  charterSignature,
  freshKey,
  givenOrganisation,
  type Named,
  type Setting,
} from '../support/network/founders.js';
import { refusal, revocationOf } from '../support/network/registry.js';

const at: Setting = { network: newId(), today: '2026-11-10' };
const [seuil, noord] = [givenOrganisation(at, 'Seuil'), givenOrganisation(at, 'Noord')];
const founded = followRegistry(
  emptyRegistry({ network: at.network, roots: [seuil.root.kid, noord.root.kid] }),
  [
    seuil.entries.organisation,
    noord.entries.organisation,
    charterSignature(at, '{}', seuil.root),
    charterSignature(at, '{}', noord.root),
    seuil.entries.coordinatorKey,
    noord.entries.coordinatorKey,
    seuil.epoch.entry,
    noord.epoch.entry,
  ],
);

const revocation = (of: Named, key: string, by: SigningKey): string => revocationOf(at, of, key, by);

describe('a witness', () => {
  const entry = (of: Named, by: SigningKey, key = freshKey(), url?: string): string =>
    sign(
      'witness+jws',
      {
        network: at.network,
        organisation: of.id,
        key: toBase64url(key.publicKey),
        from: at.today,
        ...(url === undefined ? {} : { url }),
      },
      by,
    );

  it('is its organisation’s own word, and the only one until its key is revoked', () => {
    const [key, next] = [freshKey(), freshKey()];
    const registered = followRegistry(founded, [entry(seuil, seuil.coordinator, key, 'https://w.example/x')]);
    expect(witnessesAt(registered, 9)).toEqual([
      {
        organisation: seuil.id,
        key: expect.objectContaining({ name: `relais-${at.network}/witness/${seuil.id}` }) as unknown,
        url: 'https://w.example/x',
      },
    ]);
    expect(refusal(registered, entry(seuil, seuil.coordinator, next))).toBe('witness');
    const replaced = followRegistry(registered, [
      revocation(seuil, key.kid, seuil.coordinator),
      entry(seuil, seuil.coordinator, next),
    ]);
    expect([8, 9, 10, 11].map((size) => witnessesAt(replaced, size).length)).toEqual([0, 1, 0, 1]);
    expect(witnessesAt(replaced, 11)[0]?.key.publicKey).toEqual(next.publicKey);
    expect(everyWitness(replaced)).toHaveLength(2);
  });

  it('is refused by anybody else’s word, and with a key that the registry knows', () => {
    expect(refusal(founded, entry(seuil, noord.coordinator))).toBe('signer');
    expect(refusal(founded, entry(seuil, seuil.root))).toBe('signer');
    expect(refusal(founded, entry(seuil, seuil.coordinator, seuil.root))).toBe('chain');
    const key = freshKey();
    const registered = followRegistry(founded, [entry(seuil, seuil.coordinator, key)]);
    expect(refusal(registered, entry(noord, noord.coordinator, key))).toBe('chain');
    expect(refusal(registered, revocation(noord, key.kid, noord.coordinator))).toBe('signer');
  });
});
