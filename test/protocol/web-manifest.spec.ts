import { describe, expect, it } from '@jest/globals';
import { newId, utf8 } from '../../src/protocol/encoding/bytes.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import {
  formatManifest,
  manifestHash,
  parseManifest,
  webAppFiles,
} from '../../src/protocol/registry/web-manifest.js';
import { givenOrganisation, type Setting } from '../support/network/founders.js';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('the manifest of a web app', () => {
  it('is what sha256sum writes, by rising address, whatever the order of the files', () => {
    const files = new Map([
      ['/today', utf8('')],
      ['/assets/a.js', utf8('abc')],
    ]);
    const text = formatManifest(files);
    expect(text).toBe(
      `ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  /assets/a.js\n${EMPTY}  /today\n`,
    );
    expect(formatManifest(new Map([...files].reverse()))).toBe(text);
    expect([...parseManifest(text)]).toEqual([
      ['/assets/a.js', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      ['/today', EMPTY],
    ]);
    expect(manifestHash('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });

  it('lists the pages beside the assets', () => {
    expect(webAppFiles(['x.js'])).toEqual([
      ['/assets/x.js', 'assets/x.js'],
      ['/audit', 'audit/index.html'],
      ['/doors/fr', 'doors/fr.html'],
      ['/doors/nl', 'doors/nl.html'],
      ['/doors/en', 'doors/en.html'],
      ['/doors/ar', 'doors/ar.html'],
      ['/receipt', 'receipt/index.html'],
      ['/today', 'today/index.html'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no newline at the end', `${EMPTY}  /a`],
    ['one space', `${EMPTY} /a\n`],
    ['no address', `${EMPTY}  a\n`],
    ['capitals', `${EMPTY.toUpperCase()}  /a\n`],
    ['an address twice', `${EMPTY}  /a\n${EMPTY}  /a\n`],
    ['addresses that fall', `${EMPTY}  /b\n${EMPTY}  /a\n`],
    ['an empty line', `${EMPTY}  /a\n\n`],
    ['a thousand and one lines', `${EMPTY}  /a\n`.repeat(1001)],
  ])('is refused with %s', (_, text) => {
    expect(() => parseManifest(text)).toThrow('refused: manifest');
  });
});

describe('an organisation’s word about a web app', () => {
  const at: Setting = { network: newId(), today: '2026-11-10' };
  const [seuil, noord] = [givenOrganisation(at, 'Seuil'), givenOrganisation(at, 'Noord')];
  const founded = followRegistry(
    emptyRegistry({ network: at.network, roots: [seuil.root.kid, noord.root.kid] }),
    [seuil, noord].flatMap(({ entries }) => [entries.organisation, entries.coordinatorKey]),
  );
  const word = (text: string, organisation: string, by = seuil.coordinator): string =>
    sign(
      'web-app+jws',
      { network: at.network, organisation, manifest: manifestHash(text), from: at.today },
      by,
    );

  it('is its coordinator’s, and the last one counts', () => {
    const registry = followRegistry(founded, [word('a', seuil.id), word('b', seuil.id)]);
    expect([...registry.webApps.values()]).toEqual([
      { organisation: seuil.id, manifest: manifestHash('b'), index: 5 },
    ]);
    expect(() => followRegistry(founded, [word('a', noord.id)])).toThrow('refused: signer');
    expect(() => followRegistry(founded, [word('a', seuil.id, seuil.root)])).toThrow('refused: signer');
  });
});
