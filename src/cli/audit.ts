import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { canonicalText, challengeLog, collectAudit, Device, type DeviceState } from '../client/index.js';
import { hold } from '../database/index.js';
import { writeDurably } from './files.js';
import { Folder } from './folder.js';

const USAGE = `relais audit draw --state FOLDER [--count 59]
relais audit collect ID --state FOLDER --to DIR`;
const DEVICE = 'device.json';

interface Asked {
  readonly words: readonly string[];
  readonly state?: string;
  readonly count?: string;
  readonly to?: string;
}

/**
 * `relais audit`: an auditor's device, joined by an invitation with `relais agent`, draws leaves of the consent log and collects
 * what their holders answer, for `relais verify --sample FILE --cases DIR`. Exit 0 done, 2 wrong use.
 */
export async function auditCommand(argv: string[]): Promise<number> {
  const asked = readArguments(argv);
  const [verb, id] = asked?.words ?? [];
  const isDraw = verb === 'draw' && id === undefined;
  const isCollect = verb === 'collect' && id !== undefined && asked?.to !== undefined;
  if (asked?.state === undefined || !(isDraw || isCollect)) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const folder = Folder.open(resolve(asked.state));
  const letGo = hold(folder.path);
  try {
    const state = folder.readJson(DEVICE) as DeviceState | undefined;
    if (!state) throw new Error(`${folder.path} holds no device`);
    const device = await Device.start(state);
    if (isDraw) await draw(device, Number(asked.count ?? 59));
    else await collect(device, id ?? '', resolve(asked.to ?? ''));
    folder.write(DEVICE, JSON.stringify(device.state));
    return 0;
  } finally {
    letGo();
  }
}

async function draw(device: Device, count: number): Promise<void> {
  const { audit, until } = await challengeLog(device, count);
  process.stdout.write(`${audit}\nThe holders can answer until ${until}: relais audit collect ${audit} …\n`);
}

async function collect(device: Device, id: string, to: string): Promise<void> {
  const { sample, cases, silent, refused } = await collectAudit(device, id);
  mkdirSync(join(to, 'cases'), { recursive: true, mode: 0o700 });
  writeDurably(join(to, 'sample.json'), canonicalText(sample), 0o600);
  for (const [i, opened] of cases.entries())
    writeDurably(join(to, 'cases', `${i + 1}.json`), canonicalText(opened), 0o600);
  process.stdout.write(`${cases.length} answers are in ${to}; not answered yet: ${silent.length}\n`);
  for (const service of new Set(silent)) process.stdout.write(`  ${service}\n`);
  for (const { item, check } of refused)
    process.stdout.write(`  ${item}: an answer that does not open (${check})\n`);
}

function readArguments(args: string[]): Asked | undefined {
  try {
    const text = { type: 'string' } as const;
    const options = { state: text, count: text, to: text };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { words: positionals, ...values };
  } catch {
    return undefined;
  }
}
