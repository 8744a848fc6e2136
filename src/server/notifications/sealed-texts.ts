import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ServerSecret } from '../common/http/index.js';

const NONCE = 12;
const TAG = 16;
const ALGORITHM = 'aes-256-gcm';

/**
 * Short texts that only this server reads again: addresses of webhooks and mail, places in the feed.
 * AES-256-GCM under a key of the data directory, so that a thief of the database alone learns none. Nothing
 * of a person ever passes here.
 */
@Injectable()
export class SealedTexts {
  private readonly key: Uint8Array;

  constructor(secret: ServerSecret) {
    this.key = secret.keyFor('sealed texts');
  }

  /** nonce ‖ tag ‖ ciphertext, good only for what `of` names. */
  seal(text: string, of: string): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(of));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** The text; undefined for bytes that were not sealed so, here. */
  read(bytes: Uint8Array, of: string): string | undefined {
    if (bytes.length < NONCE + TAG) return undefined;
    const nonce = bytes.subarray(0, NONCE);
    const cipher = createDecipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG });
    cipher.setAAD(Buffer.from(of)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(NONCE + TAG)), cipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
