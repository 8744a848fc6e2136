import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalProfile, ProfileRefused, type ServiceProfile } from '../../src/client/index.js';
import { parseProfile } from '../../src/protocol/directory/profile.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';

const EXAMPLE = SERVICE_PROFILE_EXAMPLE;
const written = (change: object): ServiceProfile => ({ ...EXAMPLE, ...change });

function phone(number: string, location: object = EXAMPLE.location): string | undefined {
  return normalProfile(written({ phones: [{ number }], location })).phones[0]?.number;
}

function refusal(change: object): ProfileRefused {
  try {
    normalProfile(written(change));
  } catch (error) {
    if (error instanceof ProfileRefused) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a profile as people write it', () => {
  it('that is in its one form already stays as it is, to the byte', () => {
    expect(JSON.stringify(normalProfile(EXAMPLE))).toBe(JSON.stringify(EXAMPLE));
  });

  it.each([
    '02/555.01.23',
    '02 555 01 23',
    '02-555-01-23',
    '(02) 555 01 23',
    '025550123',
    '+3225550123',
    '+32 (0)2 555 01 23',
    '0032 2 555 01 23',
    '00322/555.01.23',
    ' +32 2 555 01 23 ',
    '+32\u00a02\u00a0555\u00a001\u00a023',
  ])('has the telephone number %s as +32 2 555 01 23', (number) => {
    expect(phone(number)).toBe('+32 2 555 01 23');
  });

  it('keeps short numbers, and the digits of a number whose country is not known', () => {
    expect(phone('105')).toBe('105');
    expect(phone('02/555.01.23', { kind: 'redacted' })).toBe('02 555 01 23');
    expect(phone('0032 2/555.01.23', { kind: 'redacted' })).toBe('+32 2 555 01 23');
    expect(phone('0475/12.34.56')).toBe('+32 475 12 34 56');
  });

  it.each([
    ['24:00', '00:00'],
    ['17h', '17:00'],
    ['17h30', '17:30'],
    ['9.30', '09:30'],
    ['9:30', '09:30'],
    ['17:30:00', '17:30'],
  ])('has hours until %s as until %s', (closesAt, until) => {
    const { hours } = normalProfile(
      written({ hours: [{ freq: 'WEEKLY', byday: ['mo'], opensAt: '8h', closesAt }] }),
    );
    expect(hours).toEqual([{ freq: 'WEEKLY', byday: ['MO'], opensAt: '08:00', closesAt: until }]);
  });

  it.each<[string, object, object]>([
    ['mail', { email: 'Accueil@Nuit.Example' }, { email: 'Accueil@nuit.example' }],
    ['mail as a link', { email: ' mailto:a@nuit.example ' }, { email: 'a@nuit.example' }],
    ['a page without scheme', { url: 'www.nuit.example/fr' }, { url: 'https://www.nuit.example/fr' }],
    ['a page in capitals', { url: 'HTTPS://Nuit.Example' }, { url: 'https://nuit.example' }],
    ['languages', { languages: ['FR', 'nl_be', 'fr'] }, { languages: ['fr', 'nl-BE'] }],
    ['postal codes', { area: [' 1000 ', 'B-1060', '10 00'] }, { area: ['1000', '1060'] }],
    ['terms', { terms: ['Night-Shelter'] }, { terms: ['night-shelter'] }],
  ])('has %s in its one form', (_, change, form) => {
    expect(normalProfile(written(change))).toEqual({ ...EXAMPLE, ...form });
  });

  it('leaves out what somebody has emptied, and has the address of its country', () => {
    const { address } = EXAMPLE.location as { address: object };
    const location = {
      kind: 'physical',
      address: { ...address, country: 'nl', postcode: '1012ab', line2: '' },
    };
    const normal = normalProfile(written({ url: '', email: ' ', location }));
    expect(normal).not.toHaveProperty('url');
    expect(normal).not.toHaveProperty('email');
    expect(normal.location).toMatchObject({ address: { country: 'NL', postcode: '1012 AB' } });
    expect((normal.location as { address: object }).address).not.toHaveProperty('line2');
  });

  const hour = EXAMPLE.hours[1];
  it.each<[string, object, string, unknown]>([
    ['a number that is none', { phones: [{ number: 'ask Ann' }] }, '/phones/0/number', '+32 2 555 01 23'],
    [
      'two numbers in one',
      { phones: [...EXAMPLE.phones, { number: '02/555.01.23 - 0475/12.34.56' }] },
      '/phones/1/number',
      '+32 2 555 01 23',
    ],
    ['a page without encryption', { url: 'http://nuit.example' }, '/url', EXAMPLE.url],
    ['mail without a domain', { email: 'accueil' }, '/email', EXAMPLE.email],
    ['an hour that no day has', { hours: [{ ...hour, opensAt: '25:00' }] }, '/hours/0/opensAt', '20:00'],
    ['a day that begins at its end', { hours: [{ ...hour, opensAt: '24:00' }] }, '/hours/0/opensAt', '20:00'],
    ['words for days', { hours: [{ ...hour, byday: ['lundi'] }] }, '/hours/0/byday/0', 'MO'],
    [
      'a day as people write it',
      { lastChecked: { by: 'coordinator', on: '20/11/2026' } },
      '/lastChecked/on',
      '2026-11-20',
    ],
    ['a word for a language', { languages: ['français'] }, '/languages/0', 'fr'],
    ['a term of no list', { terms: ['castle'] }, '/terms', EXAMPLE.terms],
    ['a postal code that is none', { area: ['?'] }, '/area/0', '1000'],
    ['a member that is missing', { location: undefined }, '/location', EXAMPLE.location],
    ['a member too many', { name: 'x' }, '/name', undefined],
    ['a member of every object', { toString: 'x' }, '/toString', undefined],
  ])('is refused for %s by the name of the member, with one that is right', (_, change, pointer, example) => {
    const refused = refusal(change);
    expect(refused).toMatchObject({ pointer, example });
    if (example !== undefined) expect(refused.message).toContain(JSON.stringify(example));
    expect(refused.message).not.toMatch(/ask Ann|lundi|castle|25:00/);
  });

  it('is in one form whatever was written: a second look changes nothing, and every reader takes it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('02/555.01.23', '24:00', 'B-1000', 'A@B.example', 'x.example/É'),
    );
    fc.assert(
      fc.property(text, text, text, text, (number, url, email, area) => {
        let once: ServiceProfile;
        try {
          once = normalProfile(written({ phones: [{ number }], url, email, area: [area] }));
        } catch (error) {
          if (error instanceof ProfileRefused) return;
          throw error;
        }
        expect(normalProfile(once)).toEqual(once);
        expect(parseProfile(JSON.stringify(once))).toEqual(once);
      }),
    );
  });
});
