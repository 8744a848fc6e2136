import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RESTORED, transaction, type Database } from '../../database/index.js';
import { signingKey, type SigningKey } from '../../protocol/crypto/keys.js';
import { ALGORITHM, formatVkey, noteKey } from '../../protocol/log/note.js';
import { Fence, NOTHING } from './fence.js';
import { lockKeys } from './first-start.js';
import { originAfter, type LogIdentity, type LogName } from './identity.js';
import { makeSeed, readLogKey, readSeed } from './log-keys.js';
import { Sequencer } from './sequencer.js';
import { SigningRefused } from './signing-refused.js';
import type { LogKeys } from './year.js';

/**
 * The sequencer of a machine that holds the log keys. Throws SigningRefused where it does not, or holds
 * others.
 */
export async function makeSequencer(
  database: Database,
  dataDirectory: string,
  identity: LogIdentity,
): Promise<Sequencer> {
  if (existsSync(join(dataDirectory, RESTORED)))
    throw new SigningRefused(
      'this machine was restored from a backup: start it, and its witnesses are asked',
    );
  const { consent, registry } = identity;
  const keys = {
    consent: await requireKey(dataDirectory, consent),
    registry: await requireKey(dataDirectory, registry),
  };
  const seed = await readSeed(dataDirectory, consent.origin, 'pads');
  if (!seed) throw new SigningRefused('this machine does not hold the pad seed of the consent log');
  const nextKeys = await transaction(database.sequencer, async (tx) => {
    await lockKeys(tx);
    return keysAfter(dataDirectory, identity);
  });
  return new Sequencer({
    pool: database.sequencer,
    origin: registry.origin,
    keys,
    nextKeys,
    fence: (origin) => new Fence(dataDirectory, origin),
    material: { name: consent.name, seed },
  });
}

/**
 * The keys of the next year's logs, made long before they are needed, so that a backup of this year holds
 * them. Nothing was signed with a key that is made here: its fence says so, and lies there before it.
 */
export async function keysAfter(dataDirectory: string, { consent, registry }: LogIdentity): Promise<LogKeys> {
  await makeSeed(dataDirectory, originAfter(consent), 'pads');
  const keyOf = async (origin: string): Promise<SigningKey> => {
    const fence = new Fence(dataDirectory, origin);
    if (!(await readLogKey(dataDirectory, origin))) await fence.write(NOTHING);
    return signingKey(await makeSeed(dataDirectory, origin, 'key'));
  };
  return { consent: await keyOf(originAfter(consent)), registry: await keyOf(originAfter(registry)) };
}

async function requireKey(dataDirectory: string, { origin, vkey }: LogName): Promise<SigningKey> {
  const key = await readLogKey(dataDirectory, origin);
  if (!key) throw new SigningRefused('this machine does not hold the key of each log');
  if (formatVkey(noteKey(origin, ALGORITHM.log, key.publicKey)) !== vkey)
    throw new SigningRefused('a key file of this machine holds another key');
  return key;
}
