import { existsSync, chmodSync, lstatSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { makeApp } from './agent/app.js';
import { wholeNumber } from '../protocol/encoding/whole-number.js';
import { Folder } from './folder.js';
import { Member } from './agent/member.js';
import { SAY } from './agent/messages.js';
import { readToken } from './agent/token.js';
import { closeApp } from './close-app.js';
import { command, WrongUse, type Asked } from './command.js';
import type { Language } from './language.js';
import { untilTold } from './until-told.js';
import { fill } from '../client/audit/audit-messages.js';

const DEFAULT_STATE = '.relais-agent';
/** Longer paths are cut by the system, some in silence. */
const LONGEST_SOCKET = process.platform === 'linux' ? 107 : 103;

type Where = { readonly path: string } | { readonly host: string; readonly port: number };

interface Options {
  readonly state: string;
  readonly server?: string | undefined;
  readonly where: Where;
}

/**
 * `relais agent`: holds one device's keys and offers plain JSON to the apps of this machine. Ends when it is
 * told to, after the requests that it has begun.
 */
export const agentCommand = command('agent', ({ options, language }) =>
  run(readOptions(options, language), language),
);

function readOptions({ server, socket, tcp, state }: Asked['options'], language: Language): Options {
  const say = SAY[language];
  if (socket !== undefined && tcp !== undefined) throw new WrongUse(say.onePlace);
  if (server !== undefined && !isServer(server)) throw new WrongUse(say.badServer);
  const folder = resolve(state ?? process.env['RELAIS_AGENT_STATE'] ?? DEFAULT_STATE);
  const where = tcp === undefined ? { path: resolve(socket ?? join(folder, 'agent.sock')) } : loopback(tcp);
  if (!where) throw new WrongUse(say.notLoopback);
  if ('path' in where && Buffer.byteLength(where.path) > LONGEST_SOCKET)
    throw new WrongUse(fill(say.longSocket, { most: LONGEST_SOCKET }));
  return { state: folder, server, where };
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
  return Folder.hold(state, async (folder) => {
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
      await closeApp(app);
      await member.stop();
    }
    return 0;
  });
}

/** A socket that a killed agent has left behind is nobody's: this one holds the folder. */
async function listen(app: FastifyInstance, where: Where): Promise<string> {
  if (!('path' in where)) return app.listen(where);
  if (existsSync(where.path) && lstatSync(where.path).isSocket()) rmSync(where.path);
  await app.listen(where);
  chmodSync(where.path, 0o600);
  return where.path;
}
