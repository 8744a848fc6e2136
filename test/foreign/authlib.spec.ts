import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { enrolForeign, type Algorithm } from '../support/machines/foreign.js';
import { givenSend } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { describeWithPython, python } from '../support/machines/python.js';

const SCRIPT = fileURLToPath(new URL('authlib_client.py', import.meta.url));

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** The names that the Python libraries have for the algorithms; the key is of the kind that belongs to it. */
const NAMES: [string, Algorithm][] = [
  ['EdDSA', 'Ed25519'],
  ['ES256', 'ES256'],
];

describeWithPython('a client in Python, on authlib and jwcrypto', ['authlib', 'jwcrypto'], () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  it.each(NAMES)(
    'discovers, gets a token with %s, reads the services and sends a referral',
    async (alg, key) => {
      const device = await enrolForeign(server.network.laRuelle, key);
      const { body } = await givenSend(server.network);
      const printed = await python(SCRIPT, [], {
        issuer: server.address,
        client: device.id,
        alg,
        jwk: device.key.privateJwk,
        calls: [
          ['GET', '/v1/services'],
          ['POST', '/v1/referrals', body],
        ],
      });
      const [services, sent] = JSON.parse(printed) as Answered[];
      expect(services).toMatchObject({ status: 200, body: { items: [{}, {}] } });
      expect(sent).toMatchObject({ status: 201, body: { referral: body.referral, status: 'requested' } });
    },
  );
});
