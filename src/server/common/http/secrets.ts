import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hmacSha256 } from '../../../protocol/crypto/kdf.js';
import { utf8 } from '../../../protocol/encoding/bytes.js';
import { Config } from '../../config/index.js';

/**
 * A secret of the server that its replicas share, in a 0600 file beside the log keys; each use derives its
 * own key.
 */
@Injectable()
export class ServerSecret {
  private readonly secret: Buffer;

  constructor(config: Config) {
    this.secret = readOrMake(config.data);
  }

  /** 32 bytes for one use. */
  keyFor(use: string): Uint8Array {
    return hmacSha256(this.secret, utf8(use));
  }
}

function readOrMake(data: string): Buffer {
  const path = join(data, 'http-secret');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) writeUnlessThere(path);
  const secret = readFileSync(path);
  if (secret.length !== 32) throw new Error(`${path} must hold 32 bytes; remove it and start again.`);
  return secret;
}

/** Two replicas may start at the same time: the first one's secret is everybody's. */
function writeUnlessThere(path: string): void {
  try {
    writeFileSync(path, randomBytes(32), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
