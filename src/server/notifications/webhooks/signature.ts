import { createHmac } from 'node:crypto';
import { toBase64, utf8 } from '../../../protocol/encoding/bytes.js';
import { signBytes, signingKey, type SigningKey } from '../../../protocol/crypto/keys.js';
import type { ServerSecret } from '../../common/http/index.js';

/**
 * By what a webhook's messages are signed: HMAC-SHA256 (`v1`), and Ed25519 (`v1a`) for who keeps no secret.
 */
export interface WebhookKeys {
  readonly secret: Uint8Array;
  readonly sign: SigningKey;
}

/**
 * Derived from the server's secret and the webhook's random id: nothing that could sign lies in the database.
 * A webhook that is made anew has new keys.
 */
export function webhookKeys(server: ServerSecret, webhook: string): WebhookKeys {
  const seed = server.keyFor(`webhook ed25519 ${webhook}`);
  return { secret: server.keyFor(`webhook hmac ${webhook}`), sign: signingKey(seed) };
}

/** As Standard Webhooks writes them down: `whsec_…` is shown once, `whpk_…` is public. */
export function shownKeys({ secret, sign }: WebhookKeys): { secret: string; publicKey: string } {
  return { secret: `whsec_${toBase64(secret)}`, publicKey: `whpk_${toBase64(sign.publicKey)}` };
}

export interface WebhookMessage {
  /** Of the event: the same on every attempt. */
  readonly id: string;
  /** Seconds since 1970, of the attempt. */
  readonly timestamp: number;
  readonly body: string;
}

/** Headers by which a receiver knows the message: Standard Webhooks 1.0, *Signature scheme*. */
export function signedHeaders(
  keys: WebhookKeys,
  { id, timestamp, body }: WebhookMessage,
): Record<`webhook-${'id' | 'timestamp' | 'signature'}`, string> {
  const content = `${id}.${timestamp}.${body}`;
  const v1 = createHmac('sha256', keys.secret).update(content).digest('base64');
  const v1a = toBase64(signBytes(utf8(content), keys.sign));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${v1} v1a,${v1a}`,
  };
}
