import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { emptyRegistry, followRegistry, type Registry } from '../../src/protocol/registry/registry.js';
import {
  charterInForce,
  currentEpoch,
  epochsOf,
  isSignerAtAnchors,
} from '../../src/protocol/registry/registry-keys.js';
import type { Payload } from '../../src/protocol/schemas/signed.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import {
  charterSignature,
  coordinatorEntry,
  freshKey,
  givenEpoch,
  givenOrganisation,
  type Named,
  type Setting,
  type TestEpoch,
} from '../support/network/founders.js';
import { refusal, revocationOf } from '../support/network/registry.js';

const at: Setting = { network: newId(), today: '2026-11-10' };
const seuil = givenOrganisation(at, 'Seuil');
const noord = givenOrganisation(at, 'Noord');
const trust = { network: at.network, roots: [seuil.root.kid, noord.root.kid] };
const TEXT = '{"words":"of the charter"}';

const founding = [
  seuil.entries.organisation,
  noord.entries.organisation,
  charterSignature(at, TEXT, seuil.root),
  charterSignature(at, TEXT, noord.root),
  seuil.entries.coordinatorKey,
  noord.entries.coordinatorKey,
  seuil.epoch.entry,
  noord.epoch.entry,
];
const founded = followRegistry(emptyRegistry(trust), founding);

const revocation = (of: Named, key: string, by: SigningKey): string => revocationOf(at, of, key, by);

/** The next epoch of Seuil's service. */
function nextEpoch(
  number: number,
  previous: string,
  change: Partial<Payload<'service-key+jws'>> = {},
): TestEpoch {
  const { service, coordinator } = seuil;
  return givenEpoch(at, { organisation: seuil, service, coordinator, previous, number, change });
}

function organisationEntry(id: string, root: SigningKey): string {
  const key = toBase64url(root.publicKey);
  return sign('organisation+jws', { network: at.network, organisation: id, name: 'Another', key }, root);
}

describe('a registry', () => {
  it('is the same however many entries are followed at once', () => {
    const second = nextEpoch(2, seuil.epoch.entry);
    const entries = [...founding, revocation(noord, noord.epoch.keys.sign.kid, noord.root), second.entry];
    const whole = followRegistry(emptyRegistry(trust), entries);
    fc.assert(
      fc.property(fc.subarray([...entries.keys()]), (cuts) => {
        let registry = emptyRegistry(trust);
        let from = 0;
        for (const cut of [...cuts, entries.length]) {
          registry = followRegistry(registry, entries.slice(from, cut));
          from = cut;
        }
        expect(registry).toEqual(whole);
      }),
      { numRuns: 25, seed: 20261124 },
    );
  });

  it('stays what it was for whoever still holds it, also when what follows is refused', () => {
    const before = { keys: [...founded.serviceKeys], entries: [...founded.entries] };
    const revoked = followRegistry(founded, [
      revocation(seuil, seuil.epoch.keys.sign.kid, seuil.coordinator),
      nextEpoch(2, seuil.epoch.entry).entry,
    ]);
    expect(refusal(founded, nextEpoch(2, seuil.epoch.entry).entry, 'x')).toBe('form');
    expect(revoked.serviceKeys.get(seuil.epoch.keys.sign.kid)?.revokedAt).toBe(8);
    expect({ keys: [...founded.serviceKeys], entries: [...founded.entries] }).toEqual(before);
    expect(followRegistry(founded, [])).toBe(founded);
  });

  it('is not read again when one entry is added', () => {
    const unread = { ...founded, entries: founded.entries.map(() => 'not a JWS') };
    expect(followRegistry(unread, [nextEpoch(2, seuil.epoch.entry).entry]).entries).toHaveLength(9);
  });
});

describe('an organisation', () => {
  it('is one whose root the trust names, with a key of its own', () => {
    const stranger = freshKey();
    expect(refusal(founded, organisationEntry(newId(), stranger))).toBe('signer');
    expect(refusal(founded, organisationEntry(newId(), seuil.root))).toBe('chain');
    expect(refusal(founded, organisationEntry(seuil.id, noord.root))).toBe('chain');
  });

  it('signs itself in, and no other founder does it in its place', () => {
    const key = toBase64url(noord.root.publicKey);
    const theirs = { network: at.network, organisation: noord.id, name: 'Noord', key };
    const first = followRegistry(emptyRegistry(trust), [seuil.entries.organisation]);
    expect(refusal(first, sign('organisation+jws', theirs, seuil.root))).toBe('signer');
    expect(refusal(first, noord.entries.organisation)).toBeUndefined();
  });

  it('is refused where there is nothing to read', () => {
    expect(refusal(founded, sign('organisation+jws', 'null', freshKey()))).toBe('kid');
  });

  it('is refused without a key, and with one that is not base64url', () => {
    for (const key of [7, '!'])
      expect(refusal(founded, sign('organisation+jws', JSON.stringify({ key }), freshKey()))).toMatch(
        /kid|base64url/,
      );
  });

  it('is refused on any day of another network', () => {
    const other = followRegistry(emptyRegistry(trust), []);
    const elsewhere = givenOrganisation({ ...at, network: newId() }, 'Elsewhere');
    expect(
      refusal({ ...other, trust: { ...trust, roots: [elsewhere.root.kid] } }, elsewhere.entries.organisation),
    ).toBe('network');
  });
});

describe('a key', () => {
  it('is registered once, for one purpose', () => {
    for (const key of [seuil.coordinator, seuil.root, noord.root, seuil.epoch.keys.sign])
      expect(refusal(founded, coordinatorEntry(at, seuil, key, seuil.root))).toBe('chain');
    for (const key of [seuil.coordinator, seuil.root, noord.epoch.keys.sign]) {
      const change = { key: toBase64url(key.publicKey) };
      expect(refusal(founded, nextEpoch(2, seuil.epoch.entry, change).entry)).toBe('chain');
    }
  });

  it('is of an organisation that the registry shows, and may last one day, but not less', () => {
    const nobody = { id: newId(), name: 'Nobody' };
    expect(refusal(founded, coordinatorEntry(at, nobody, freshKey(), seuil.root))).toBe('signer');
    const coordinator = (until: string): string => {
      const key = toBase64url(freshKey().publicKey);
      const payload = { network: at.network, organisation: seuil.id, key, from: at.today, until };
      return sign('coordinator-key+jws', payload, seuil.root);
    };
    const service = (until: string): string => nextEpoch(2, seuil.epoch.entry, { until }).entry;
    for (const entry of [coordinator, service]) {
      expect(refusal(founded, entry(at.today))).toBeUndefined();
      expect(refusal(founded, entry('2026-11-09'))).toBe('dates');
    }
  });

  it('of a service names the one before it, and stays with its organisation', () => {
    const second = nextEpoch(2, seuil.epoch.entry);
    expect(refusal(founded, nextEpoch(2, noord.epoch.entry).entry)).toBe('chain');
    expect(refusal(followRegistry(founded, [second.entry]), nextEpoch(3, seuil.epoch.entry).entry)).toBe(
      'chain',
    );
    const { coordinator } = noord;
    const taken = { organisation: noord, service: seuil.service, coordinator, previous: seuil.epoch.entry };
    expect(refusal(founded, givenEpoch(at, taken).entry)).toBe('signer');
  });

  it('cites a revocation that is there, and nothing else', () => {
    const revoked = revocation(seuil, seuil.epoch.keys.sign.kid, seuil.coordinator);
    const citing = (text: string): string =>
      nextEpoch(2, seuil.epoch.entry, { revocation: textHash(text) }).entry;
    expect(refusal(founded, revoked, citing(revoked))).toBeUndefined();
    expect(refusal(founded, citing(revoked))).toBe('chain');
    expect(refusal(founded, citing(seuil.epoch.entry))).toBe('chain');
  });

  it('of a coordinator signs nothing more once it is revoked, by the root or by a colleague', () => {
    const colleague = freshKey();
    const hired = coordinatorEntry(at, seuil, colleague, seuil.root);
    for (const by of [seuil.root, colleague]) {
      const registry = followRegistry(founded, [hired, revocation(seuil, seuil.coordinator.kid, by)]);
      expect(registry.coordinators.get(seuil.coordinator.kid)?.revokedAt).toBe(9);
      expect(registry.serviceKeys).toEqual(founded.serviceKeys);
      expect(refusal(registry, nextEpoch(2, seuil.epoch.entry).entry)).toBe('signer');
      expect(refusal(registry, revocation(seuil, colleague.kid, seuil.coordinator))).toBe('signer');
    }
  });

  it('of a coordinator signs nothing that begins outside its own days', () => {
    const brief = freshKey();
    const days = { from: '2026-11-05', until: '2026-11-20' };
    const key = toBase64url(brief.publicKey);
    const payload = { network: at.network, organisation: seuil.id, key, ...days };
    const hired = followRegistry(founded, [sign('coordinator-key+jws', payload, seuil.root)]);
    const { service } = seuil;
    const epochFrom = (from: string): string =>
      givenEpoch(at, {
        organisation: seuil,
        service,
        coordinator: brief,
        previous: seuil.epoch.entry,
        number: 2,
        change: { from },
      }).entry;
    const revokedFrom = (from: string): string =>
      sign(
        'revocation+jws',
        { network: at.network, organisation: seuil.id, key: seuil.coordinator.kid, from, reason: 'left' },
        brief,
      );
    for (const entry of [epochFrom, revokedFrom]) {
      for (const day of [days.from, days.until]) expect(refusal(hired, entry(day))).toBeUndefined();
      for (const day of ['2026-11-04', '2026-11-21']) expect(refusal(hired, entry(day))).toBe('signer');
    }
  });

  it('that is revoked twice was revoked the first time', () => {
    const kid = seuil.epoch.keys.sign.kid;
    const twice = [revocation(seuil, kid, seuil.coordinator), revocation(seuil, kid, seuil.root)];
    const revoked = followRegistry(founded, twice).serviceKeys.get(kid);
    expect([revoked?.revokedAt, revoked?.revokedFrom]).toEqual([8, at.today]);
  });

  it('is not revoked by a stranger, nor is a root', () => {
    expect(refusal(founded, revocation(noord, seuil.epoch.keys.sign.kid, noord.root))).toBe('signer');
    expect(refusal(founded, revocation(seuil, seuil.epoch.keys.sign.kid, noord.root))).toBe('signer');
    expect(refusal(founded, revocation(seuil, seuil.root.kid, seuil.root))).toBe('chain');
  });
});

describe('the epoch of a service', () => {
  it('is the latest unrevoked one that holds the day', () => {
    const second = nextEpoch(2, seuil.epoch.entry, { from: '2026-11-20', until: '2026-11-30' });
    const registry = followRegistry(founded, [second.entry]);
    const kidOn = (shown: Registry, day: string): string | undefined =>
      currentEpoch(shown, seuil.service.id, day)?.kid;
    expect(kidOn(registry, '2026-11-09')).toBeUndefined();
    expect(kidOn(registry, '2026-11-19')).toBe(seuil.epoch.keys.sign.kid);
    expect(kidOn(registry, '2026-11-20')).toBe(second.keys.sign.kid);
    expect(kidOn(registry, '2026-12-11')).toBe(seuil.epoch.keys.sign.kid);
    expect(kidOn(registry, '2026-12-12')).toBeUndefined();
    const revoked = followRegistry(registry, [revocation(seuil, second.keys.sign.kid, seuil.coordinator)]);
    expect(kidOn(revoked, '2026-11-20')).toBe(seuil.epoch.keys.sign.kid);
    expect(epochsOf(revoked, seuil.service.id).map(({ kid }) => kid)).toEqual([
      seuil.epoch.keys.sign.kid,
      second.keys.sign.kid,
    ]);
  });

  it('signed at a leaf if the anchor after shows it and the anchor before does not show it revoked', () => {
    const key = followRegistry(founded, [
      revocation(seuil, seuil.epoch.keys.sign.kid, seuil.root),
    ]).serviceKeys.get(seuil.epoch.keys.sign.kid);
    if (!key) throw new Error('not registered');
    expect([key.index, key.revokedAt]).toEqual([6, 8]);
    expect([6, 7].map((after) => isSignerAtAnchors(key, 0, after))).toEqual([false, true]);
    expect([8, 9].map((before) => isSignerAtAnchors(key, before, 9))).toEqual([true, false]);
    expect(isSignerAtAnchors(key, undefined, 9)).toBe(false);
    expect(isSignerAtAnchors(key, 7, undefined)).toBe(false);
    const unrevoked = founded.serviceKeys.get(key.kid) ?? key;
    expect([0, undefined].map((before) => isSignerAtAnchors(unrevoked, before, 9))).toEqual([true, false]);
  });
});

describe('the charter in the registry', () => {
  const unsigned = followRegistry(emptyRegistry(trust), founding.slice(0, 2));
  const written = (change: Partial<Payload<'charter+jws'>>, by = seuil.root): string =>
    sign(
      'charter+jws',
      {
        network: at.network,
        version: 1,
        textHash: textHash(TEXT),
        from: at.today,
        previous: null,
        ...change,
      },
      by,
    );

  it('is in force once every founder has signed it', () => {
    const one = followRegistry(unsigned, [written({})]);
    expect([charterInForce(unsigned), charterInForce(one)]).toEqual([undefined, undefined]);
    const both = followRegistry(one, [written({}, noord.root)]);
    expect(charterInForce(both)).toEqual({
      version: 1,
      textHash: textHash(TEXT),
      from: at.today,
      signers: trust.roots,
    });
  });

  it.each([
    ['by a founder who signed it already', { decision: textHash('x') }, seuil.root],
    ['with another text', { textHash: textHash('x') }, noord.root],
    ['with another first day', { from: '2026-11-11' }, noord.root],
    ['as a second version', { version: 2, previous: textHash('x') }, noord.root],
    ['after another', { previous: textHash('x') }, noord.root],
    ['as no version at all', { version: 0 }, noord.root],
  ])('is refused %s', (_, change, by) => {
    const one = followRegistry(unsigned, [written({})]);
    expect(refusal(one, written(change, by))).toBe('chain');
  });

  it('is signed by roots, not by coordinators', () => {
    expect(refusal(founded, written({}, seuil.coordinator))).toBe('signer');
  });
});
