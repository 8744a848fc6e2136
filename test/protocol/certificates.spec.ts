import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { verifyCertificate } from '../../src/protocol/registry/device-certificate.js';
import { readPayload, verifyInner } from '../../src/protocol/envelope/open-inner.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import type { Payload } from '../../src/protocol/schemas/signed.js';
import { sign, verifySigned } from '../../src/protocol/encoding/signed.js';
import {
  certificateFor,
  freshKey,
  givenOrganisation,
  inDays,
  type DeviceOf,
} from '../support/network/founders.js';
import { readVectors } from '../support/log/vectors.js';

const { trust, entries } = readVectors('registry.json') as {
  trust: { network: string; roots: string[] };
  entries: { jws: string }[];
};
const vectors = readVectors('keys.json') as {
  certificates: Record<string, string>;
  devices: Record<string, { id: string; auth: { kid: string }; sign: { kid: string } }>;
};

describe('the certificates of the vectors', () => {
  const registry = followRegistry(
    emptyRegistry(trust),
    entries.map(({ jws }) => jws),
  );

  it.each(Object.entries(vectors.certificates))(
    'hold for device %s, from their first day to their last',
    (name, text) => {
      const keyring = new Map([...registry.coordinators].map(([kid, { key }]) => [kid, key]));
      const { payload } = verifySigned(text, 'device-certificate+jws', keyring);
      expect(payload.device).toBe(vectors.devices[name]?.id);
      for (const day of [payload.from, payload.until])
        expect(verifyCertificate(text, { services: payload.services, day }, registry)).toEqual(payload);
      for (const day of [inDays(payload.from, -1), inDays(payload.until, 1)])
        expect(() => verifyCertificate(text, { services: payload.services, day }, registry)).toThrow(Refused);
    },
  );
});

describe('a certificate', () => {
  const at = { network: newId(), today: '2026-11-10' };
  const [seuil, noord] = ['Seuil', 'Noord'].map((name) => givenOrganisation(at, name)) as [
    ReturnType<typeof givenOrganisation>,
    ReturnType<typeof givenOrganisation>,
  ];
  const registry = followRegistry(
    emptyRegistry({ network: at.network, roots: [seuil.root.kid, noord.root.kid] }),
    [seuil, noord].flatMap(({ entries: own, epoch }) => [own.organisation, own.coordinatorKey, epoch.entry]),
  );
  const services = [seuil.service.id];
  const entitled = { services, day: at.today };

  function certify(
    change: Partial<Payload<'device-certificate+jws'>> = {},
    of: Partial<DeviceOf> = {},
  ): string {
    const { coordinator, device } = seuil;
    return certificateFor(
      at,
      { organisation: seuil, coordinator, role: 'worker', services, change, ...of },
      device,
    );
  }

  it('lasts 180 days, its first and its last included', () => {
    expect(verifyCertificate(certify({ until: inDays(at.today, 179) }), entitled, registry).role).toBe(
      'worker',
    );
    expect(verifyCertificate(certify({ until: at.today }), entitled, registry).until).toBe(at.today);
    for (const days of [180, -1])
      expect(() => verifyCertificate(certify({ until: inDays(at.today, days) }), entitled, registry)).toThrow(
        Refused,
      );
  });

  it.each([
    ['of another network', certify({ network: newId() })],
    ['for a service that it does not list', certify({ services: [noord.service.id] })],
    [
      'for a service of another organisation',
      certify({ organisation: noord.id }, { coordinator: noord.coordinator }),
    ],
    ['by the coordinator of another organisation', certify({}, { coordinator: noord.coordinator })],
    ['by the root', certify({}, { coordinator: seuil.root })],
    ['that is no text', 7],
    ['that is absent', undefined],
  ])('is refused %s', (_, text) => {
    expect(() => verifyCertificate(text, entitled, registry)).toThrow(
      expect.objectContaining({ check: 'certificate' }),
    );
  });

  it('is refused for a service that the registry does not show, though it lists it', () => {
    const unknown = newId();
    const text = certify({ services: [unknown] });
    const asked = { services: [unknown], day: at.today };
    expect(() => verifyCertificate(text, asked, registry)).toThrow(
      expect.objectContaining({ check: 'certificate' }),
    );
  });

  it('holds for what it was used for up to the day on which its coordinator is revoked, and not after', () => {
    const from = inDays(at.today, 7);
    const revoked = withoutCoordinator(from);
    for (const day of [at.today, inDays(from, -1), from])
      expect(verifyCertificate(certify(), { services, day }, revoked).device).toBe(seuil.device.id);
    expect(() => verifyCertificate(certify(), { services, day: inDays(from, 1) }, revoked)).toThrow(
      expect.objectContaining({ check: 'certificate' }),
    );
  });

  it('is refused when it begins on the day from which its coordinator is revoked, or later', () => {
    const revoked = withoutCoordinator(inDays(at.today, 7));
    for (const days of [7, 8]) {
      const text = certify({ from: inDays(at.today, days) });
      const late = { services, day: inDays(at.today, days) };
      expect(verifyCertificate(text, late, registry).role).toBe('worker');
      expect(() => verifyCertificate(text, late, revoked)).toThrow(
        expect.objectContaining({ check: 'certificate' }),
      );
    }
  });

  it('is refused when it begins outside the days of its coordinator’s key', () => {
    for (const days of [-1, 731]) {
      const day = inDays(at.today, days);
      const text = certify({ from: day, until: day });
      expect(() => verifyCertificate(text, { services, day }, registry)).toThrow(
        expect.objectContaining({ check: 'certificate' }),
      );
    }
  });

  function withoutCoordinator(from: string) {
    const { id: organisation, coordinator, root } = seuil;
    const payload = { network: at.network, organisation, key: coordinator.kid, from, reason: 'left' };
    return followRegistry(registry, [sign('revocation+jws', payload, root)]);
  }
});

describe('what lies sealed', () => {
  it('is refused as a whole when it is no signed object', () => {
    expect(() => readPayload('{}')).toThrow(expect.objectContaining({ check: 'inner-jws' }));
  });

  it('is refused where it says nothing', () => {
    const nothing = sign('handoff+jws', 'null', freshKey());
    const entitled = { services: [], day: '2026-11-10' };
    const empty = emptyRegistry({ network: newId(), roots: [] });
    expect(() => verifyInner(nothing, 'handoff+jws', entitled, empty)).toThrow(
      expect.objectContaining({ check: 'certificate' }),
    );
  });
});
