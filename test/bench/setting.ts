import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, startEmbedded, type EmbeddedDatabase } from '../../src/database/index.js';
import { fromBase64url, newId, toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import type { Device } from '../../src/client/index.js';
import { Entrant } from '../support/network/entrant.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** A cluster of its own and a founded network on it: what every row of the table is measured on. */
export interface Setting {
  readonly cluster: EmbeddedDatabase;
  readonly server: FoundedServer;
  close(): Promise<void>;
}

export async function givenSetting(): Promise<Setting> {
  const directory = mkdtempSync(join(tmpdir(), 'relais-bench-'));
  const cluster = await startEmbedded(directory);
  await migrate(cluster.urls.owner);
  process.env['RELAIS_TEST_CLUSTER'] = join(directory, 'database-urls.json');
  const server = await givenNetwork();
  const close = async (): Promise<void> => {
    await server.stop();
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { cluster, server, close };
}

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A device that makes its proofs fast: for loads only. */
export class FastDevice {
  private constructor(
    private readonly address: string,
    private readonly key: KeyObject,
    private readonly header: string,
    private readonly token: string,
    private readonly nonce: string,
  ) {}

  static async of(device: Device): Promise<FastDevice> {
    const entrant = await Entrant.of(device.state);
    const der = Buffer.concat([ED25519_PKCS8, fromBase64url(device.state.auth)]);
    const header = { typ: 'dpop+jwt', alg: 'Ed25519', jwk: entrant.key.publicJwk };
    return new FastDevice(
      entrant.address,
      createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
      toBase64url(utf8(JSON.stringify(header))),
      await entrant.token(),
      entrant.nonce,
    );
  }

  /** One request with its own proof, as bytes on the wire. `path` may have a query. */
  request(method: 'GET' | 'POST', path: string, body?: string): Buffer {
    const [route = ''] = path.split('?');
    const head = [
      `${method} ${path} HTTP/1.1`,
      'host: 127.0.0.1',
      `authorization: DPoP ${this.token}`,
      `dpop: ${this.proof(method, route)}`,
      ...(body === undefined
        ? []
        : [
            'content-type: application/json',
            `content-length: ${Buffer.byteLength(body)}`,
            `idempotency-key: ${newId()}`,
          ]),
    ];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
  }

  private proof(htm: string, route: string): string {
    const claims = {
      htm,
      htu: `${this.address}${route}`,
      jti: newId(),
      iat: Math.floor(Date.now() / 1000),
      nonce: this.nonce,
      ath: toBase64url(sha256(utf8(this.token))),
    };
    const signed = `${this.header}.${toBase64url(utf8(JSON.stringify(claims)))}`;
    return `${signed}.${sign(null, utf8(signed), this.key).toString('base64url')}`;
  }
}
