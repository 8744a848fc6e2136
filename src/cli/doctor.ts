import { resolve } from 'node:path';
import { command } from './command.js';
import { checkBackups } from './doctor/backups.js';
import { checkDatabase } from './doctor/database.js';
import type { Finding } from './doctor/finding.js';
import {
  checkClock,
  checkDirectory,
  checkDisk,
  checkNode,
  checkPort,
  checkPrograms,
  checkTogether,
} from './doctor/machine.js';
import { checkServer } from './doctor/server.js';
import { LOOPBACK } from '../process.js';
import { DEFAULT_DATA } from './serve.js';

const SIGNS = { good: 'good ', doubtful: 'look ', wrong: 'WRONG' } as const;

/** `relais doctor`: what is wrong with this machine and how to mend it. 0 when nothing is, else 1. */
export const doctorCommand = command('doctor', async () => {
  const env = process.env;
  const data = resolve(env['RELAIS_DATA'] ?? DEFAULT_DATA);
  const findings = [
    checkNode(process.versions.node),
    checkClock(new Date()),
    checkDisk(data),
    checkDirectory(data),
  ];
  if (env['DATABASE_URL'] === undefined) findings.push(checkPrograms(data), checkTogether());
  const host = env['HOST'] ?? LOOPBACK;
  findings.push(
    (await checkServer(env['PORT'], host)) ?? (await checkPort(env['PORT'], host)),
    ...(await checkDatabase(data, env)),
    checkBackups(data, new Date()),
  );
  process.stdout.write(`${findings.map(write).join('\n')}\n\n${sum(findings)}\n`);
  return findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
});

function write({ what, verdict, says, mend }: Finding): string {
  const line = `${SIGNS[verdict]}  ${what}: ${says}`;
  return mend === undefined ? line : `${line}\n${mend.replace(/^/gm, '       ')}`;
}

function sum(findings: readonly Finding[]): string {
  const count = findings.filter(({ verdict }) => verdict === 'wrong').length;
  if (count === 0) return 'Nothing is wrong with this machine.';
  return count === 1
    ? 'One thing is wrong; what to do stands below it.'
    : `${count} things are wrong; what to do stands below each.`;
}
