import { existsSync, chmodSync, lstatSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { hold } from '../database/index.js';
import { makeApp } from './agent/app.js';
import { wholeNumber } from '../protocol/whole-number.js';
import { Folder } from './folder.js';
import { Member } from './agent/member.js';
import { SAY } from './agent/messages.js';
import { readToken } from './agent/token.js';
import { isLanguage, languageOfTerminal, type Language } from './language.js';
import { untilTold } from './until-told.js';
import { fill } from '../client/audit-messages.js';

const DEFAULT_STATE = '.relais-agent';
const WRONG_USE = 2;

type Where = { readonly path: string } | { readonly host: string; readonly port: number };

interface Options {
  readonly state: string;
  readonly server?: string | undefined;
  readonly where: Where;
}

/** Somebody used the command in a way that it does not have; the message says which it has. */
class WrongUse extends Error {}

/**
 * `relais agent`: holds one device's keys and offers plain JSON to the apps of this machine. Ends when it is told to,
 * after the requests that it has begun.
 */
export async function agentCommand(argv: string[]): Promise<number> {
  let language = languageOfTerminal();
  try {
    const { language: asked = language, ...values } = parse(argv);
    if (!isLanguage(asked)) throw new WrongUse(SAY[language].usage);
    language = asked;
    return await run(readOptions(values, language), language);
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    process.stderr.write(`${error.message}\n`);
    return WRONG_USE;
  }
}

function parse(argv: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: argv,
      options: { state: text, server: text, socket: text, tcp: text, language: text },
    }).values;
  } catch {
    throw new WrongUse(SAY[languageOfTerminal()].usage);
  }
}

function readOptions(values: Omit<ReturnType<typeof parse>, 'language'>, language: Language): Options {
  const { server, socket, tcp } = values;
  const say = SAY[language];
  if (socket !== undefined && tcp !== undefined) throw new WrongUse(say.usage);
  if (server !== undefined && !isServer(server)) throw new WrongUse(say.badServer);
  const state = resolve(values.state ?? process.env['RELAIS_AGENT_STATE'] ?? DEFAULT_STATE);
  const where = tcp === undefined ? { path: resolve(socket ?? `${state}/agent.sock`) } : loopback(tcp);
  if (!where) throw new WrongUse(say.notLoopback);
  return { state, server, where };
}

/** Whoever runs the network may try it on one machine; everywhere else the line is encrypted. */
function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin } = new URL(text);
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return text.replace(/[/]$/, '') === origin && (protocol === 'https:' || (protocol === 'http:' && isHere));
}

/** An address that only this machine reaches, written as a number: a name could lead anywhere. */
function loopback(text: string): Where | undefined {
  const [, host, port] = /^(127[.]0[.]0[.]1|\[::1\]):([0-9]{1,5})$/.exec(text) ?? [];
  const number = wholeNumber(port, 0, 65_535);
  if (host === undefined || number === undefined) return undefined;
  return { host: host.replace(/[[\]]/g, ''), port: number };
}

async function run({ state, server, where }: Options, language: Language): Promise<number> {
  const say = SAY[language];
  process.umask(0o077);
  const folder = Folder.open(state);
  const letGo = hold(folder.path);
  try {
    const isAllowed = readToken(folder);
    const member = await Member.open(folder, server?.replace(/[/]$/, ''));
    const app = makeApp(member, isAllowed);
    try {
      if (server === undefined && member.status().state === 'new') throw new WrongUse(say.noServer);
      const address = await listen(app, where);
      const token = folder.file('token');
      process.stdout.write(`${fill(say.listening, { where: address, token })}\n`);
      await untilTold();
    } finally {
      await app.close();
      await member.stop();
    }
  } finally {
    letGo();
  }
  return 0;
}

/** A socket that a killed agent has left behind is nobody's: this one holds the folder. */
async function listen(app: FastifyInstance, where: Where): Promise<string> {
  if (!('path' in where)) return app.listen(where);
  if (existsSync(where.path) && lstatSync(where.path).isSocket()) rmSync(where.path);
  await app.listen(where);
  chmodSync(where.path, 0o600);
  return where.path;
}
