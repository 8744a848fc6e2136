#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { helpOfAll, helpOfCommand } from './asked/help.js';
import { SAY } from './asked/messages.js';
import { languageOf } from './asked/read.js';
import { prepareProcess, reasonOf, Told } from '../process.js';

type Command = (argv: readonly string[]) => Promise<number>;

const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['agent', async () => (await import('./agent.js')).agentCommand],
  ['audit', async () => (await import('./audit.js')).auditCommand],
  ['backup', async () => (await import('./backup.js')).backupCommand],
  ['demo', async () => (await import('./demo/demo.js')).demoCommand],
  ['doctor', async () => (await import('./doctor.js')).doctorCommand],
  ['drill', async () => (await import('./drill.js')).drillCommand],
  ['export', async () => (await import('./export.js')).exportCommand],
  ['init', async () => (await import('./init.js')).initCommand],
  ['log', async () => (await import('./log.js')).logCommand],
  ['monitor', async () => (await import('./monitor.js')).monitorCommand],
  ['restore', async () => (await import('./restore.js')).restoreCommand],
  ['serve', async () => (await import('./serve.js')).serveCommand],
  ['verify', async () => (await import('./verify.js')).verifyCommand],
  ['witness', async () => (await import('./witness.js')).witnessCommand],
]);

prepareProcess();
process.exitCode = await main(process.argv.slice(2));

async function main([name = '--help', ...argv]: readonly string[]): Promise<number> {
  const language = languageOf(argv);
  if (name === '--version' || name === 'version') return say(`${version()}\n`);
  if (['help', '--help', '-h'].includes(name)) return help(argv);
  const load = COMMANDS.get(name);
  if (!load) return complain(`relais: ${SAY[language].wrong.command}. (relais --help)\n`, 2);
  try {
    return await (
      await load()
    )(argv);
  } catch (error) {
    return error instanceof Told ? 1 : complain(`relais ${name}: ${reasonOf(error)}\n`, 1);
  }
}

function help(argv: readonly string[]): number {
  const language = languageOf(argv);
  const [command = ''] = argv;
  return say(COMMANDS.has(command) ? helpOfCommand(command, language) : helpOfAll(language));
}

function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(text: string, code: number): number {
  process.stderr.write(text);
  return code;
}
