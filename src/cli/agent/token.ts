import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Folder } from '../folder.js';

const NAME = 'token';

/** Whether an `Authorization` header carries the agent's token. */
export type IsAllowed = (authorization: string | undefined) => boolean;

/**
 * The token that every request must carry, made at the first start. To change it, delete the file and start
 * again. Refuses a file that others may read.
 */
export function readToken(folder: Folder): IsAllowed {
  if (folder.read(NAME) === undefined) folder.write(NAME, `${randomBytes(32).toString('base64url')}\n`);
  if ((statSync(folder.file(NAME)).mode & 0o077) !== 0)
    throw new Error(
      `${folder.file(NAME)} can be read by others. Delete it and start again: a new one is made.`,
    );
  const token = (folder.read(NAME) ?? '').trim();
  if (token.length < 43) throw new Error(`${folder.file(NAME)} holds no token. Delete it and start again.`);
  const wanted = digest(`Bearer ${token}`);
  return (authorization) => timingSafeEqual(digest(authorization ?? ''), wanted);
}

/** Of equal length whatever was sent, so that the time of the comparison tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
