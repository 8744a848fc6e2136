import { describe, expect, it } from '@jest/globals';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { keysOf, soughtKeys } from '../../src/server/directory/search/search.rules.js';

describe('what a service is found by', () => {
  const keys = new Set(
    keysOf({ ...SERVICE_PROFILE_EXAMPLE, languages: ['nl-BE'] }, ['Clinique du Canal', 'La Ruelle']),
  );
  const isFound = (sought: Parameters<typeof soughtKeys>[0]) =>
    soughtKeys(sought).every((key) => keys.has(key));

  it.each([
    [{ text: 'CLINIQUE' }, true],
    [{ text: 'cliniques ruelle' }, true],
    [{ text: 'Nüit' }, true],
    [{ text: 'nachtopvang' }, true],
    [{ text: 'clin' }, false],
    [{ text: 'canal dentiste' }, false],
    [{ text: '…' }, true],
    [{ language: 'nl-BE' }, true],
    [{ language: 'nl' }, true],
    [{ language: 'fr' }, false],
    [{ term: 'shelter' }, true],
    [{ term: 'meal' }, false],
    [{}, true],
  ])('%j: %s', (sought, found) => {
    expect(isFound(sought)).toBe(found);
  });

  it('is bounded, however long its texts are, and cuts no character in two', () => {
    const description = { fr: Array.from({ length: 500 }, (_, i) => `m${i}x`).join(' ') };
    expect(keysOf({ ...SERVICE_PROFILE_EXAMPLE, description }, []).length).toBeLessThan(450);
    expect(soughtKeys({ text: '𝒳𐐷𐐷𐐷𐐷𐐷𐐷' })[0].isWellFormed()).toBe(true);
  });
});
