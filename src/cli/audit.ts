import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { canonicalText, challengeLog, collectAudit, Device, type DeviceState } from '../client/index.js';
import { command } from './command.js';
import { writeDurably } from './files.js';
import { Folder } from './folder.js';

const DEVICE = 'device.json';

/**
 * `relais audit`: an auditor's device, joined by an invitation with `relais agent`, draws leaves of the
 * consent log and collects what their holders answer, for `relais verify --sample FILE --cases DIR`.
 */
export const auditCommand = command('audit', ({ form, operands, options }) =>
  Folder.hold(options['state'] ?? '', async (folder) => {
    const state = folder.readJson(DEVICE) as DeviceState | undefined;
    if (!state) throw new Error(`${folder.path} holds no device`);
    const device = await Device.start(state);
    if (form === 'audit draw') await draw(device, Number(options['count'] ?? 59));
    else await collect(device, operands[0] ?? '', resolve(options['to'] ?? ''));
    folder.write(DEVICE, JSON.stringify(device.state));
    return 0;
  }),
);

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
