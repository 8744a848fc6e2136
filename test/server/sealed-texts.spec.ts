import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ServerSecret } from '../../src/server/common/http/index.js';
import type { Config } from '../../src/server/config/index.js';
import { SealedTexts } from '../../src/server/notifications/sealed-texts.js';

describe('a sealed text', () => {
  const directories = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'relais-sealed-')));
  const [texts, others] = directories.map((data) => new SealedTexts(new ServerSecret({ data } as Config)));
  afterAll(() => {
    for (const directory of directories) rmSync(directory, { recursive: true });
  });

  it('is read again by whoever has the key, on every process, and never looks the same', () => {
    const [data = ''] = directories;
    const replica = new SealedTexts(new ServerSecret({ data } as Config));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, of) => {
        const sealed = texts?.seal(text, of) ?? Buffer.of();
        expect(replica.read(sealed, of)).toBe(text);
        expect(texts?.seal(text, of).equals(sealed)).toBe(false);
      }),
    );
  });

  it('is nothing under another key, for another purpose, cut short, or with any byte changed', () => {
    const sealed = texts?.seal('https://intake.example.org/', 'webhook 1') ?? Buffer.of();
    expect(others?.read(sealed, 'webhook 1')).toBeUndefined();
    expect(texts?.read(sealed, 'webhook 2')).toBeUndefined();
    for (let length = 0; length < sealed.length; length++)
      expect(texts?.read(sealed.subarray(0, length), 'webhook 1')).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(texts?.read(changed, 'webhook 1')).toBeUndefined();
    }
  });
});
