import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Promise 2: the server cannot read. What it could run is what its bundle would hold. */
describe('the import closure of the server', () => {
  let files: string[];

  beforeAll(async () => {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: ['src/main.ts'],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      alias: {
        '#base64': './src/protocol/encoding/base64.ts',
        '#ed25519': './src/protocol/crypto/ed25519.ts',
        '#sha256': './src/protocol/crypto/sha256.ts',
      },
      tsconfig: 'tsconfig.json',
    });
    files = Object.keys(metafile.inputs);
  });

  it('is that of the whole server', () => {
    for (const part of [
      'referrals/sending/send.ts',
      'receipts/',
      'log/',
      'auth/token.service.ts',
      'protocol/envelope/envelope.ts',
    ])
      expect(files.some((file) => file.includes(part))).toBe(true);
  });

  it('holds none of the files that open, unwrap or decrypt', () => {
    expect(files.filter((file) => /open-|-open|body-open|unwrap/.test(file))).toEqual([]);
    expect(files.filter((file) => file.startsWith('src/client/') || file.startsWith('src/cli/'))).toEqual([]);
  });

  it('names no decapsulation and no decryption of any library, but for its own addresses', () => {
    const naming = files.filter((file) =>
      /xwing_dec\b|_decrypt\b|secretbox_open|box_open|createDecipher|\.decrypt\(/.test(
        readFileSync(`${ROOT}${file}`, 'utf8'),
      ),
    );
    // under a key of its own directory: where webhooks and mail go, and places in the feed
    expect(naming).toEqual(['src/server/notifications/sealed-texts.ts']);
    const users = files.filter((file) => readFileSync(`${ROOT}${file}`, 'utf8').includes('SealedTexts'));
    expect(users.filter((file) => !file.startsWith('src/server/notifications/'))).toEqual([]);
  });
});
