import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { referSomebody } from '../../src/cli/demo/referral.js';
import {
  acknowledge,
  certifyRequests,
  fetchProofs,
  invite,
  Joining,
  maintainKeys,
} from '../../src/client/index.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { boxKey, epochKeys, signingKey, thumbprint } from '../../src/protocol/crypto/keys.js';
import { parseContext } from '../../src/protocol/envelope/envelope.js';
import { unwrap } from '../../src/protocol/envelope/open-envelope.js';
import { deriveInvitation, requireCode } from '../../src/protocol/encoding/codes.js';
import { asApplication, asOwner } from '../support/machines/database.js';
import { dumpValues } from '../support/machines/dump.js';
import { freshKey } from '../support/network/founders.js';
import { requestBy } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

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

/** Whoever has the application's login may also write, and waits for a coordinator's device to act on it. */
describe('a thief who writes into the database', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  it('is not certified by a row in the list of invitations, and is granted nothing', async () => {
    const { coordinator, service } = server.network.clinique;
    const codeKey = freshKey();
    const { keys, request } = requestBy(codeKey, coordinator.network);
    const row = [codeKey.kid, codeKey.publicKey, coordinator.organisation.id, 'worker', [service], request];
    await asApplication(server.urls, INSERT_INVITATION, row);
    expect((await certifyRequests(coordinator)).done).toEqual([]);
    await maintainKeys(coordinator);
    expect(await devicesWith(keys.sign.publicKey)).toBe(0);
    expect(await grantsTo(keys.box.id)).toBe(0);
  });

  it('cannot raise the role of somebody who was invited', async () => {
    const { coordinator, service } = server.network.clinique;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const { sign: codeKey } = deriveInvitation(requireCode(code));
    const { keys, request } = requestBy(codeKey, coordinator.network);
    const row = [
      codeKey.kid,
      codeKey.publicKey,
      coordinator.organisation.id,
      'coordinator',
      [service],
      request,
    ];
    await asApplication(server.urls, 'DELETE FROM invitation WHERE kid = $1', [codeKey.kid]);
    await asApplication(server.urls, INSERT_INVITATION, row);
    expect((await certifyRequests(coordinator)).refused).toMatchObject([{ check: 'statement_invalid' }]);
    expect(await devicesWith(keys.sign.publicKey)).toBe(0);
    coordinator.setInvitations([]);
  });

  it('cannot put keys of its own into the place of a request', async () => {
    const { coordinator, service } = server.network.clinique;
    const code = await invite(coordinator, { role: 'worker', services: [service] });
    const { sign: codeKey } = deriveInvitation(requireCode(code));
    await Joining.ask(server.address, code);
    const { keys, request } = requestBy(freshKey(), coordinator.network);
    const sql = 'UPDATE invitation SET request = $2 WHERE kid = $1';
    await asApplication(server.urls, sql, [codeKey.kid, request]);
    expect((await certifyRequests(coordinator)).refused).toMatchObject([{ check: 'kid' }]);
    expect(await devicesWith(keys.sign.publicKey)).toBe(0);
    coordinator.setInvitations([]);
  });

  it('is granted nothing under the certificate of somebody else', async () => {
    const { coordinator, worker, service } = server.network.clinique;
    const { keys } = requestBy(freshKey(), coordinator.network);
    const ids = [keys.auth.kid, keys.sign.publicKey, keys.box.id, keys.box.publicKey];
    await asApplication(
      server.urls,
      `INSERT INTO device (id, organisation, role, services, auth_thumbprint, auth_jwk, sign_key, box_id, box,
         valid_from, valid_until, certificate)
       VALUES (gen_random_uuid(), $1, 'worker', $2, $3, '{}', $4, $5, $6, domain_today(), domain_today() + 90, $7)`,
      [coordinator.organisation.id, [service], ...ids, worker.certificate],
    );
    await maintainKeys(coordinator);
    expect(await grantsTo(keys.box.id)).toBe(0);
    expect(await grantsTo(worker.keys.box.id)).toBeGreaterThan(0);
  });

  const INSERT_INVITATION = `INSERT INTO invitation (kid, key, organisation, role, services, request, expires_at, welcome)
    VALUES ($1, $2, $3, $4, $5, $6, domain_now() + interval '1 hour', '\\x00')`;

  async function devicesWith(signKey: Uint8Array): Promise<number> {
    const sql = 'SELECT FROM device WHERE sign_key = $1';
    return (await asApplication(server.urls, sql, [signKey])).length;
  }

  async function grantsTo(boxId: Uint8Array): Promise<number> {
    const sql = 'SELECT FROM key_grant WHERE device_box_id = $1';
    return (await asApplication(server.urls, sql, [boxId])).length;
  }
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
