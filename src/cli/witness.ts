import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hold } from '../database/index.js';
import { Transport } from '../client/index.js';
import { isId, toBase64url } from '../protocol/bytes.js';
import { Refused } from '../protocol/errors.js';
import { readIfThere } from './files.js';
import { Folder } from './folder.js';
import { isLanguage, languageOfTerminal, type Language } from './language.js';
import { untilTold } from './until-told.js';
import { fill } from '../client/audit-messages.js';
import { ForkMet } from './witness/forks.js';
import { SAY } from './witness/messages.js';
import { pullOnce } from './witness/pull.js';
import { looker, witnessApp, type TellFork } from './witness/serve.js';
import { makeWitness, WitnessState } from './witness/state.js';

const WRONG_USE = 2;

interface Options {
  readonly state?: string;
  readonly trust?: string;
  readonly organisation?: string;
  readonly server?: string;
  readonly tcp?: string;
}

/**
 * `relais witness`: one organisation watches the logs. Exit 0 done, 1 what the server shows does not continue what was seen,
 * 2 wrong use.
 */
export async function witnessCommand(argv: string[]): Promise<number> {
  const read = readArguments(argv);
  const say = SAY[read.language];
  const act = read.action && ACTS[read.action];
  if (!act || read.options.state === undefined) return complain(say.usage, WRONG_USE);
  const folder = Folder.open(resolve(read.options.state));
  const letGo = hold(folder.path);
  try {
    return (await act(folder, read.options, read.language)) ?? complain(say.usage, WRONG_USE);
  } catch (error) {
    if (error instanceof ForkMet) return complain(forkText(say, error), 1);
    if (error instanceof Refused) return complain(fill(say.refused, { check: error.check }), 1);
    throw error;
  } finally {
    letGo();
  }
}

/** Undefined where something that it needs was not said. */
type Run = (folder: Folder, options: Options, language: Language) => Promise<number | undefined>;

const ACTS: Readonly<Record<string, Run>> = { new: runNew, pull: runPull, serve: runServe };

async function runNew(folder: Folder, { trust: path, organisation }: Options, language: Language) {
  if (path === undefined || organisation === undefined || !isId(organisation)) return undefined;
  const trust = await readIfThere(path);
  if (!trust) throw new Error(`${path} cannot be read`);
  makeWitness(folder, { organisation, trust });
  const { key } = new WitnessState(folder);
  tell(fill(SAY[language].made, { folder: folder.path, key: toBase64url(key.publicKey) }));
  return 0;
}

async function runPull(folder: Folder, { server }: Options, language: Language) {
  if (server === undefined) return undefined;
  const say = SAY[language];
  for (const { directory, size, witnessed } of await pullOnce(new WitnessState(folder), transportTo(server)))
    tell(fill(say.pulled, { directory, size: `${size}`, enough: witnessed ? say.enough : say.tooFew }));
  return 0;
}

async function runServe(folder: Folder, { tcp = '', server }: Options, language: Language) {
  const [, host, port] = /^([^:]+|\[[0-9a-f:]+\]):([0-9]{1,5})$/.exec(tcp) ?? [];
  if (host === undefined || server === undefined) return undefined;
  const state = new WitnessState(folder);
  const tellFork: TellFork = (fork) => void complain(forkText(SAY[language], fork), 1);
  const app = witnessApp(state, looker(state, transportTo(server), tellFork), tellFork);
  try {
    const where = await app.listen({ host: host.replace(/[[\]]/g, ''), port: Number(port) });
    tell(fill(SAY[language].listening, { where }));
    await untilTold();
  } finally {
    await app.close();
  }
  return 0;
}

function transportTo(server: string): Transport {
  return new Transport(new URL(server).origin);
}

function readArguments(argv: string[]): {
  action?: string | undefined;
  options: Options;
  language: Language;
} {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { state: text, trust: text, organisation: text, server: text, tcp: text, language: text },
    });
    const { language = languageOfTerminal(), ...options } = values;
    const action = positionals.length === 1 ? positionals[0] : undefined;
    return isLanguage(language) ? { action, options, language } : { options, language: languageOfTerminal() };
  } catch {
    return { options: {}, language: languageOfTerminal() };
  }
}

function forkText(say: (typeof SAY)[Language], { check, where }: Parameters<TellFork>[0]): string {
  return `${fill(say.refused, { check })}\n${fill(say.kept, { where })}`;
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}
