import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { fromHex, newId, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { ServerSecret } from '../../src/server/common/http/index.js';
import type { Config } from '../../src/server/config/index.js';
import { shownKeys, signedHeaders, webhookKeys } from '../../src/server/notifications/webhooks/signature.js';
import { readVectors } from '../support/log/vectors.js';

const vector = readVectors('webhook.json') as {
  secret: string;
  id: string;
  timestamp: number;
  body: string;
  v1: string;
  seed: string;
  publicKey: string;
  v1a: string;
};

describe('the signature of a webhook', () => {
  const data = mkdtempSync(join(tmpdir(), 'relais-signature-'));
  const server = new ServerSecret({ data } as Config);
  const webhook = newId();
  const keys = webhookKeys(server, webhook);
  const shown = shownKeys(keys);
  const message = { id: newId(), timestamp: Math.floor(Date.now() / 1000), body: '{"type":"message.new"}' };
  const headers = signedHeaders(keys, message);
  afterAll(() => {
    rmSync(data, { recursive: true });
  });

  it('is the published one, to the byte', () => {
    const secret = Buffer.from(vector.secret.replace('whsec_', ''), 'base64');
    const known = { secret, sign: signingKey(fromHex(vector.seed)) };
    expect(signedHeaders(known, vector)).toEqual({
      'webhook-id': vector.id,
      'webhook-timestamp': String(vector.timestamp),
      'webhook-signature': `${vector.v1} ${vector.v1a}`,
    });
    expect(shownKeys(known)).toEqual({ secret: vector.secret, publicKey: vector.publicKey });
  });

  it('is taken by the library of the standard, with the secret as it was shown', () => {
    expect(new Webhook(shown.secret).verify(message.body, headers)).toEqual({ type: 'message.new' });
  });

  it.each([
    ['another body', { body: '{"type":"referral.status"}' }, {}],
    ['another id', {}, { 'webhook-id': newId() }],
    ['another hour', {}, { 'webhook-timestamp': String(message.timestamp + 1) }],
    ['an old message', {}, { 'webhook-timestamp': String(message.timestamp - 3600) }],
  ])('is refused by it with %s', (_, { body = message.body }: { body?: string }, changed) => {
    expect(() => new Webhook(shown.secret).verify(body, { ...headers, ...changed })).toThrow();
  });

  it('holds by the public key as well, for who keeps no secret', () => {
    const x = toBase64url(Buffer.from(shown.publicKey.replace('whpk_', ''), 'base64'));
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const [, v1a = ''] = headers['webhook-signature'].split(' ');
    const signature = Buffer.from(v1a.replace('v1a,', ''), 'base64');
    const signed = `${message.id}.${message.timestamp}.${message.body}`;
    expect(verify(null, Buffer.from(signed), key, signature)).toBe(true);
    expect(verify(null, Buffer.from(`${signed} `), key, signature)).toBe(false);
  });

  it('is another webhook’s with other keys', () => {
    const other = shownKeys(webhookKeys(server, newId()));
    expect(other.secret).not.toBe(shown.secret);
    expect(other.publicKey).not.toBe(shown.publicKey);
    expect(() => new Webhook(other.secret).verify(message.body, headers)).toThrow();
  });
});
