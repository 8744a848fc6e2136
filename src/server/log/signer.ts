import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RESTORED, type Database } from '../../database/index.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { ALGORITHM, formatVkey, noteKey } from '../../protocol/log/note.js';
import { Fence } from './fence.js';
import type { LogIdentity, LogName } from './identity.js';
import { readLogKey, readSeed } from './log-keys.js';
import { Sequencer } from './sequencer.js';
import { SigningRefused } from './signing-refused.js';

/** The sequencer of a machine that holds the log keys. Throws SigningRefused where it does not, or holds others. */
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
  const seed = await readSeed(dataDirectory, consent.origin, 'pads');
  if (!seed) throw new SigningRefused('this machine does not hold the pad seed of the consent log');
  return new Sequencer({
    pool: database.sequencer,
    keys: {
      consent: await requireKey(dataDirectory, consent),
      registry: await requireKey(dataDirectory, registry),
    },
    fences: {
      consent: new Fence(dataDirectory, consent.origin),
      registry: new Fence(dataDirectory, registry.origin),
    },
    material: { name: consent.name, seed },
  });
}

async function requireKey(dataDirectory: string, { origin, vkey }: LogName): Promise<SigningKey> {
  const key = await readLogKey(dataDirectory, origin);
  if (!key) throw new SigningRefused('this machine does not hold the key of each log');
  if (formatVkey(noteKey(origin, ALGORITHM.log, key.publicKey)) !== vkey)
    throw new SigningRefused('a key file of this machine holds another key');
  return key;
}
