import { describe, expect, it } from '@jest/globals';
import {
  givenDevice,
  givenEpoch,
  givenOrganisation,
  charterSignature,
  foundingBody,
  freshKey,
  inDays,
} from '../support/network/founders.js';
import { newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { verifyFounding, type Founding } from '../../src/server/organisations/founding/founding.rules.js';
import { requirePlainName } from '../../src/server/organisations/registry/entries.rules.js';

const at = { network: newId(), today: '2026-11-24' };
const ruelle = givenOrganisation(at, 'La Ruelle');
const canal = givenOrganisation(at, 'Clinique du Canal');
const sound = (): Founding => foundingBody(at, 'token', [ruelle, canal]);
const verify = (founding: Founding) => verifyFounding(founding, at.network, at.today);

function refusal(founding: Founding): string {
  try {
    verify(founding);
    return 'accepted';
  } catch (error) {
    if (error instanceof Refused) return error.check;
    throw error;
  }
}

describe('a founding', () => {
  it('holds when every founder signed for itself and for the charter', () => {
    const { entries, roots, devices, from } = verify(sound());
    expect(entries).toHaveLength(8);
    expect(roots).toEqual([ruelle.root.kid, canal.root.kid]);
    expect(devices.map(({ certificate }) => certificate.device)).toEqual([ruelle.device.id, canal.device.id]);
    expect(from).toBe(at.today);
  });

  it('may be the work of one organisation', () => {
    expect(refusal(foundingBody(at, 'token', [ruelle]))).toBe('accepted');
  });

  it('is refused for another network', () => {
    expect(refusal(foundingBody({ ...at, network: newId() }, 'token', [ruelle]))).toBe('network');
  });

  it('is refused when the charter names a member that is no founder', () => {
    const members = [ruelle, canal].map(({ id, root }) => ({ organisation: id, root: root.kid }));
    expect(refusal(withCharter([...members, { organisation: newId(), root: freshKey().kid }]))).toBe(
      'members',
    );
  });

  it('is refused when the charter leaves a founder out', () => {
    expect(refusal(withCharter([{ organisation: ruelle.id, root: ruelle.root.kid }]))).toBe('members');
  });

  it('is refused when a founder has not signed the charter', () => {
    const { charter, ...rest } = sound();
    expect(refusal({ ...rest, charter: { ...charter, signatures: charter.signatures.slice(0, 1) } })).toBe(
      'signer',
    );
  });

  it('is refused when the charter was changed after it was signed', () => {
    const { charter, ...rest } = sound();
    const text = charter.text.replace('"reach":"network"', '"reach":"agreement"');
    expect(refusal({ ...rest, charter: { ...charter, text } })).toBe('charter');
  });

  it('is refused when the charter begins later', () => {
    expect(refusal(foundingBody({ ...at, today: inDays(at.today, 1) }, 'token', [ruelle]))).toBe('dates');
  });

  it('is refused when the charter is not canonical text', () => {
    const { charter, ...rest } = sound();
    const text = ` ${charter.text}`;
    const signatures = [ruelle, canal].map(({ root }) => charterSignature(at, text, root));
    expect(refusal({ ...rest, charter: { text, signatures } })).toBe('charter');
  });

  it('is refused when an entry stands in another list than its own', () => {
    const { coordinatorKeys, serviceKeys, ...rest } = sound();
    expect(refusal({ ...rest, coordinatorKeys: [...coordinatorKeys, ...serviceKeys], serviceKeys: [] })).toBe(
      'typ',
    );
  });

  it('is refused when an organisation founds twice', () => {
    const founding = sound();
    expect(
      refusal({ ...founding, organisations: [...founding.organisations, ...founding.organisations] }),
    ).toBe('duplicate');
  });

  it('is refused when a service key is signed by the other organisation', () => {
    const foreign = givenEpoch(at, {
      ...canal,
      organisation: canal,
      coordinator: ruelle.coordinator,
      previous: null,
    });
    expect(refusal({ ...sound(), serviceKeys: [ruelle.epoch.entry, foreign.entry] })).toBe('signer');
  });

  it('is refused when a founder has no coordinator device', () => {
    const [first] = sound().devices;
    expect(refusal({ ...sound(), devices: first ? [first] : [] })).toBe('coordinator');
  });
});

describe('a founding with names that deceive', () => {
  const bad = 'La Ruelle\u202e';

  it('is refused: the organisation’s, a service’s, and what the charter says', () => {
    const odd = givenOrganisation(at, bad);
    expect(refusal(foundingBody(at, 'token', [odd]))).toBe('text');
    const service = { ...ruelle.service, name: bad };
    const epoch = givenEpoch(at, { ...ruelle, organisation: ruelle, service, previous: null });
    expect(refusal(foundingBody(at, 'token', [{ ...ruelle, epoch }]))).toBe('text');
    const members = [ruelle, canal].map(({ id, root }) => ({ organisation: id, root: root.kid }));
    for (const change of [{ name: bad }, { objectives: ['a\nb', 'a\u200b'] }])
      expect(refusal(withCharter(members, change))).toBe('text');
    expect(refusal(withCharter(members, { objectives: ['a\nb'] }))).toBe('accepted');
  });

  it('that was one of version 0.1 is followed, and its services go on under the names that they have', () => {
    const odd = givenOrganisation(at, bad);
    const registry = followRegistry(emptyRegistry({ network: at.network, roots: [odd.root.kid] }), [
      odd.entries.organisation,
      odd.entries.coordinatorKey,
      odd.epoch.entry,
    ]);
    const next = (service: { id: string; name: string }) =>
      givenEpoch(at, { ...odd, organisation: odd, service, previous: odd.epoch.entry, number: 2 }).entry;
    expect(() => requirePlainName(next(odd.service), registry)).not.toThrow();
    for (const service of [
      { ...odd.service, name: `${bad}!` },
      { ...odd.service, id: newId() },
    ])
      expect(() => requirePlainName(next(service), registry)).toThrow(Refused);
  });
});

describe('the first devices', () => {
  const of = {
    organisation: canal,
    coordinator: canal.coordinator,
    role: 'coordinator' as const,
    services: [canal.service.id],
  };
  const second = (change: object, boxOf = of): Founding => {
    const device = givenDevice(at, { ...boxOf, change });
    const box = toBase64url(device.box.publicKey);
    const founding = sound();
    return { ...founding, devices: [...founding.devices, { certificate: device.certificate, box }] };
  };

  it.each([
    ['of 181 days', { until: inDays(at.today, 180) }, 'dates'],
    ['already over', { from: inDays(at.today, -10), until: inDays(at.today, -1) }, 'dates'],
    ['that begins next week', { from: inDays(at.today, 7) }, 'dates'],
    ['for another organisation’s service', { services: [ruelle.service.id] }, 'services'],
    ['with a service named twice', { services: [canal.service.id, canal.service.id] }, 'services'],
    ['of another network', { network: newId() }, 'network'],
    ['for a role that takes a vote', { role: 'auditor' }, 'role'],
    ['whose box is another one', { boxId: toBase64url(ruelle.device.box.id) }, 'key-id'],
    ['with a sign key of small order', { key: toBase64url(new Uint8Array(32)) }, 'schema'],
    [
      'with an auth key of small order',
      { auth: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(new Uint8Array(32)) } },
      'schema',
    ],
    ['with an auth key off its curve', { auth: p256(new Uint8Array(32).fill(1)) }, 'key'],
  ])('are refused with a certificate %s', (_, change, check) => {
    expect(refusal(second(change))).toBe(check);
  });

  it('are refused with a certificate by the other organisation’s coordinator', () => {
    expect(refusal(second({}, { ...of, coordinator: ruelle.coordinator }))).toBe('kid');
  });
});

function p256(coordinate: Uint8Array) {
  return { kty: 'EC', crv: 'P-256', x: toBase64url(coordinate), y: toBase64url(coordinate) };
}

function withCharter(members: { organisation: string; root: string }[], change: object = {}): Founding {
  const text = canonicalText({ ...defaultCharter('Réseau d’essai', members), ...change });
  const signatures = [ruelle, canal].map(({ root }) => charterSignature(at, text, root));
  return { ...sound(), charter: { text, signatures } };
}
