import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { acknowledge, fetchProofs } from '../../src/client/index.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { boxKey, epochKeys, signingKey, thumbprint } from '../../src/protocol/crypto/keys.js';
import { parseContext } from '../../src/protocol/envelope.js';
import { unwrap } from '../../src/protocol/open-envelope.js';
import { asOwner } from '../support/database.js';
import { dumpValues } from '../support/dump.js';
import { givenNetwork, type FoundedServer } from '../support/process.js';

/** Whoever has the whole database has these bytes, and tries each of them as every kind of key there is. */
describe('a stolen database', () => {
  let server: FoundedServer;
  let candidates: Uint8Array[];

  beforeAll(async () => {
    server = await givenNetwork();
    const { referral } = await referSomebody(server.network, {
      calledName: 'Sam',
      reason: 'Not for thieves.',
    });
    await acknowledge(server.network.clinique.worker, referral);
    await fetchProofs(server.network.clinique.worker, referral);
    candidates = candidateSecrets((await dumpValues(server.urls)).map(({ value }) => value));
  });
  afterAll(() => server.stop());

  it('gives many secrets-to-be to try', () => {
    expect(candidates.length).toBeGreaterThan(100);
  });

  it('opens no handoff', async () => {
    const [sealed] = await asOwner<{ ctx: Buffer }>(server.urls, 'SELECT ctx FROM handoff');
    const wraps = await asOwner<{ place: number; wrap: Buffer }>(
      server.urls,
      'SELECT place, wrap FROM handoff_wrap',
    );
    const { recipients } = parseContext(sealed?.ctx ?? new Uint8Array(0));
    let tried = 0;
    for (const seed of candidates) {
      const own = [boxKey(seed), epochKeys(seed).box];
      for (const { place, wrap } of wraps) {
        for (const key of own) {
          tried += 1;
          const recipient = recipients[place] as (typeof recipients)[number];
          expect(() => unwrap(key, sha256(sealed?.ctx ?? new Uint8Array(0)), recipient, wrap)).toThrow();
        }
      }
    }
    expect(tried).toBe(candidates.length * 6);
  });

  it('signs for nobody: no service, no device, no person, no coordinator', async () => {
    const rows = await asOwner<{ kid: string }>(
      server.urls,
      `SELECT kid FROM service_key UNION SELECT kid FROM coordinator_key UNION SELECT kid FROM organisation
       UNION SELECT auth_thumbprint FROM device UNION SELECT person_kid FROM referral UNION SELECT read_kid FROM referral`,
    );
    const signing = await asOwner<{ key: Buffer }>(server.urls, 'SELECT sign_key AS key FROM device');
    const known = new Set([...rows.map(({ kid }) => kid), ...signing.map(({ key }) => thumbprint(key))]);
    expect(known.size).toBeGreaterThan(10);
    for (const seed of candidates) {
      expect(known.has(signingKey(seed).kid)).toBe(false);
      expect(known.has(epochKeys(seed).sign.kid)).toBe(false);
    }
  });

  it('holds no token that a request could use', async () => {
    const [row] = await asOwner<{ hash: Buffer }>(server.urls, 'SELECT hash FROM access_token LIMIT 1');
    const response = await fetch(`${server.address}/v1/referrals?box=inbox`, {
      headers: { authorization: `DPoP ${row?.hash.toString('base64url') ?? ''}` },
    });
    expect(response.status).toBe(401);
  });
});

/** Every run of 32 bytes that stands alone in a column or in a signed object. */
function candidateSecrets(values: readonly string[]): Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  const add = (bytes: Buffer): void => {
    if (bytes.length === 32) found.set(bytes.toString('hex'), new Uint8Array(bytes));
  };
  for (const value of values) {
    if (value.startsWith('\\x')) add(Buffer.from(value.slice(2), 'hex'));
    const texts = value.startsWith('\\x')
      ? []
      : [value, ...value.split('.').map((part) => Buffer.from(part, 'base64url').toString())];
    for (const text of texts)
      for (const [word] of text.matchAll(/[A-Za-z0-9_-]{43}/g)) add(Buffer.from(word, 'base64url'));
  }
  return [...found.values()];
}
