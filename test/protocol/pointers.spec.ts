import { describe, expect, it } from '@jest/globals';
import { misfitOf, requireOf } from '../../src/protocol/encoding/check.js';
import { checkText, pointerOf, Refused } from '../../src/protocol/encoding/errors.js';
import { parseStrict } from '../../src/protocol/encoding/json.js';
import { parseProfile } from '../../src/protocol/directory/profile.js';
import { ServiceProfile } from '../../src/protocol/schemas/service-profile.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { makeValidator } from '../../src/protocol/encoding/validator.browser.js';

/** What a function refuses, for whoever wants to know where. */
function refusedOf(act: () => unknown): Refused {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return error;
  }
  throw new Error('was not refused');
}

const profile = (change: (profile: Record<string, never>) => unknown): unknown => {
  const copy = JSON.parse(JSON.stringify(SERVICE_PROFILE_EXAMPLE)) as Record<string, never>;
  change(copy);
  return copy;
};
type Loose = Record<string, Record<string, unknown> & unknown[]>;

describe('what is refused names its member', () => {
  it.each<[string, (copy: Loose) => unknown, string]>([
    ['of another type', (copy) => Object.assign(copy, { email: 7 }), '/email'],
    ['missing', (copy) => delete copy['terms'], '/terms'],
    ['unknown', (copy) => Object.assign(copy, { surprise: 1 }), '/surprise'],
    ['within lists', (copy) => Object.assign(copy['hours']?.[0] ?? {}, { opensAt: 'x' }), '/hours/0/opensAt'],
    [
      'in one of several forms',
      (copy) => Object.assign(copy['location'] ?? {}, { address: { line1: '' } }),
      '/location/address',
    ],
  ])('%s', (_, change, pointer) => {
    const value = profile(change);
    const refused = refusedOf(() => requireOf(ServiceProfile, value, 'profile'));
    expect(refused.check).toBe('profile');
    expect(refused.pointer?.startsWith(pointer)).toBe(true);
    expect(makeValidator(ServiceProfile).Errors(value).length).toBeGreaterThan(0);
  });

  it('up to a name that no format has, and never by a value', () => {
    expect(pointerOf(['location', 'Rue Inventée 12', 'city'])).toBe('/location');
    expect(
      misfitOf(
        ServiceProfile,
        profile((copy) => Object.assign(copy, { 'zq-canary': 1 })),
      ),
    ).toBe('');
    expect(refusedOf(() => parseStrict('{"a":[{"b":1,"b":2}]}')).pointer).toBe('/a/0/b');
    expect(refusedOf(() => parseStrict('{"a":1e300}')).pointer).toBe('/a');
    expect(refusedOf(() => parseStrict('{"__proto__":1}')).pointer).toBe('');
  });

  it('and the whole where a value is right', () => {
    expect(misfitOf(ServiceProfile, SERVICE_PROFILE_EXAMPLE)).toBe('');
  });

  it('that a schema cannot judge', () => {
    const of = (change: (copy: Loose) => unknown) =>
      refusedOf(() => parseProfile(JSON.stringify(profile(change)))).pointer;
    expect(of((copy) => copy['terms']?.push('no-such-term'))).toMatch(/^\/terms\/[0-9]+$/);
    expect(of((copy) => Object.assign(copy['hours']?.[0] ?? {}, { bymonthday: [1], freq: 'WEEKLY' }))).toBe(
      '/hours/0',
    );
  });
});

describe('the text that was refused', () => {
  it('is told only to whoever has it, and is the innermost one', () => {
    const outer = refusedOf(() =>
      checkText('outer', () => checkText('inner', () => parseStrict('secret of somebody'))),
    );
    expect([outer.isOf('inner'), outer.isOf('outer')]).toEqual([true, false]);
    expect(`${outer.message} ${JSON.stringify(outer)}`).not.toMatch(/inner|secret/);
  });

  it('stays out of other faults', () => {
    expect(() =>
      checkText('text', () => {
        throw new TypeError('of ours');
      }),
    ).toThrow(TypeError);
  });
});
