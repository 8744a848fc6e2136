import { Transport } from '../client/index.js';
import { toBase64url } from '../protocol/encoding/bytes.js';
import { Refused } from '../protocol/encoding/errors.js';
import { closeApp } from './close-app.js';
import { command, type Asked } from './command.js';
import { readIfThere } from './files.js';
import { Folder } from './folder.js';
import { untilTold } from './until-told.js';
import { fill } from '../client/audit/audit-messages.js';
import { ForkMet } from './witness/forks.js';
import { SAY } from './witness/messages.js';
import { pullOnce } from './witness/pull.js';
import { looker, witnessApp, type TellFork } from './witness/serve.js';
import { makeWitness, WitnessState } from './witness/state.js';

/**
 * `relais witness`: one organisation watches the logs. Exit 0 done, 1 what the server shows does not continue
 * what was seen.
 */
export const witnessCommand = command('witness', async (asked) => {
  const act = ACTS[asked.form];
  const { state = '' } = asked.options;
  if (!act) throw new Error(`no ${asked.form}`);
  try {
    return await Folder.hold(state, (folder) => act(folder, asked));
  } catch (error) {
    if (error instanceof ForkMet) return complain(forkText(SAY[asked.language], error));
    if (error instanceof Refused) return complain(fill(SAY[asked.language].refused, { check: error.check }));
    throw error;
  }
});

type Act = (folder: Folder, asked: Asked) => Promise<number>;

const ACTS: Readonly<Partial<Record<Asked['form'], Act>>> = {
  'witness new': runNew,
  'witness pull': runPull,
  'witness serve': runServe,
};

async function runNew(folder: Folder, { options, language }: Asked): Promise<number> {
  const { trust: path = '', organisation = '' } = options;
  const trust = await readIfThere(path);
  if (!trust) throw new Error(`${path} cannot be read`);
  makeWitness(folder, { organisation, trust });
  const { key } = new WitnessState(folder);
  tell(fill(SAY[language].made, { folder: folder.path, key: toBase64url(key.publicKey) }));
  return 0;
}

async function runPull(folder: Folder, { options, language }: Asked): Promise<number> {
  const { server = '' } = options;
  const say = SAY[language];
  for (const { directory, size, witnessed } of await pullOnce(new WitnessState(folder), transportTo(server)))
    tell(fill(say.pulled, { directory, size: `${size}`, enough: witnessed ? say.enough : say.tooFew }));
  return 0;
}

async function runServe(folder: Folder, { options, language }: Asked): Promise<number> {
  const { tcp = '', server = '' } = options;
  const [, host = '', port] = /^(.*):(\d+)$/.exec(tcp) ?? [];
  const state = new WitnessState(folder);
  const tellFork: TellFork = (fork) => void complain(forkText(SAY[language], fork));
  const app = witnessApp(state, looker(state, transportTo(server), tellFork), tellFork);
  try {
    const where = await app.listen({ host: host.replace(/[[\]]/g, ''), port: Number(port) });
    tell(fill(SAY[language].listening, { where }));
    await untilTold();
  } finally {
    await closeApp(app);
  }
  return 0;
}

function transportTo(server: string): Transport {
  return new Transport(new URL(server).origin);
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}

function forkText(say: (typeof SAY)[Asked['language']], { check, where }: Parameters<TellFork>[0]): string {
  return `${fill(say.refused, { check })}\n${fill(say.kept, { where })}`;
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
