import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyCommand } from '../../src/cli/verify.js';
import { MESSAGES } from '../../src/client/audit/audit-messages.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

describe('relais verify ‹address› --save DIR', () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-save-'));
  const trust = join(root, 'trust.json');
  let server: FoundedServer;
  let printed: string;

  beforeAll(async () => {
    server = await givenNetwork();
    writeFileSync(trust, JSON.stringify(server.network.trust));
  });
  afterAll(async () => {
    rmSync(root, { recursive: true });
    await server.stop();
  });

  beforeEach(() => {
    printed = '';
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => (printed += String(text)) !== '');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const verify = (place: string, ...options: string[]) =>
    verifyCommand([place, '--trust', trust, '--language', 'en', ...options]);

  it('copies the public log of a server, and verifies the copy', async () => {
    const copy = join(root, 'copy');
    expect(await verify(server.address, '--save', copy)).toBe(0);
    expect(printed).toContain(MESSAGES.en.sound);
    expect(JSON.parse(readFileSync(join(copy, 'charter', '1.json'), 'utf8'))).toMatchObject({ version: 1 });
    expect(await verify(copy)).toBe(0);
  });

  it('never writes over an earlier copy, whose checkpoints a fork would show by', async () => {
    const copy = join(root, 'earlier');
    await verify(server.address, '--save', copy);
    expect(await verify(server.address, '--save', copy)).toBe(2);
    expect(printed).toContain(`${copy} is not empty`);
  });

  it('ends with 2 where nothing, or another network, answers', async () => {
    expect(await verify('http://127.0.0.1:1', '--save', join(root, 'nobody'))).toBe(2);
    const other = await givenNetwork();
    expect(await verify(other.address, '--save', join(root, 'other'))).toBe(1);
    await other.stop();
  });
});
