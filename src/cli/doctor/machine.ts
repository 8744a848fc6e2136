import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { findBinaries } from '../../database/binaries.js';
import { asOrdinaryUser, environmentOf, isOnPath } from '../../database/programs.js';
import { reasonOf } from '../../process.js';
import { wholeNumber } from '../../protocol/encoding/whole-number.js';
import { doubtful, good, wrong, type Finding } from './finding.js';

const NODE = [20, 19] as const;
const MIB = 2 ** 20;
const FULL_MIB = 256;
const TIGHT_MIB = 2048;
const PRIVATE_FILES = ['database-secrets.json', 'database-urls.json', 'founding-token'];

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1])) return good('Node', version);
  return wrong(
    'Node',
    `${version} is too old`,
    `Install Node ${NODE.join('.')} or later: https://nodejs.org/en/download`,
  );
}

/** Whether PostgreSQL's programs are there and start, in the way in which Relais starts them. */
export function checkPrograms(data: string): Finding {
  const what = 'PostgreSQL';
  try {
    const binaries = findBinaries(join(data, 'lib'));
    const [program, args] = asOrdinaryUser(join(binaries.bin, 'postgres'), ['--version']);
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      env: environmentOf(binaries),
      encoding: 'utf8',
    });
    if (status !== 0)
      return wrong(what, `does not start: ${error?.message ?? stderr.trim()}`, mendPrograms());
    return checkMajor(stdout.trim(), binaries.bin);
  } catch (error) {
    return wrong(what, 'cannot be started', reasonOf(error));
  }
}

function checkMajor(says: string, bin: string): Finding {
  const major = Number(/\d+/.exec(says)?.[0]);
  if (major >= 15 && major <= 18) return good('PostgreSQL', `${says} in ${bin}`);
  return wrong(
    'PostgreSQL',
    `${says} in ${bin} is not supported`,
    'Use PostgreSQL 15, 16, 17 or 18 (PG_BIN names its folder).',
  );
}

function mendPrograms(): string {
  if (process.getuid?.() !== 0)
    return 'Run "npm ci" again; if it stays, install your system’s PostgreSQL and set PG_BIN.';
  return (
    'As root, PostgreSQL runs inside a user namespace, and this machine (a container, perhaps) may forbid that. ' +
    'Start Relais as an ordinary user, or give it a PostgreSQL of its own by DATABASE_URL.'
  );
}

/** Without it a database may outlive a killed server until the next start, which ends it. */
export function checkTogether(): Finding {
  const what = 'Stopping together';
  if (process.platform !== 'linux' || isOnPath('setpriv'))
    return good(what, 'a killed server takes its database along');
  return doubtful(
    what,
    'setpriv is missing',
    'Install util-linux, so that a killed server takes its database along.',
  );
}

export function checkDisk(data: string): Finding {
  const place = nearest(data);
  const { bavail, bsize } = statfsSync(place);
  const free = Math.floor((bavail * bsize) / MIB);
  const says = `${free} MiB free for ${data}`;
  const mend = 'Make room on that disk, or set RELAIS_DATA to a directory on another one.';
  if (free < FULL_MIB) return wrong('Disk', says, mend);
  return free < TIGHT_MIB ? doubtful('Disk', says, mend) : good('Disk', says);
}

/** The directory itself, or the first above it that is there. */
export function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

/** The directory of the keys and the passwords: its owner's alone. */
export function checkDirectory(data: string): Finding {
  const what = 'Data directory';
  if (!existsSync(data)) return good(what, `${data} is not there yet; "relais init" makes it`);
  const { mode, uid } = statSync(data);
  if (uid !== (process.getuid?.() ?? uid)) {
    return wrong(
      what,
      `${data} belongs to another user`,
      'Run Relais as that user, or set RELAIS_DATA to another directory.',
    );
  }
  if ((mode & 0o077) !== 0) return wrong(what, `others can look into ${data}`, `chmod 700 ${data}`);
  const open = readdirSync(data).filter((name) => PRIVATE_FILES.includes(name) && isOpen(join(data, name)));
  if (open.length === 0) return good(what, `${data} is private`);
  return wrong(what, `others can read ${open.join(', ')}`, `cd ${data} && chmod 600 ${open.join(' ')}`);
}

function isOpen(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}

/** `port` as in PORT; without it `relais serve` looks for a free one by itself. */
export async function checkPort(port: string | undefined, host: string): Promise<Finding> {
  if (port === undefined) return good('Port', 'Relais takes a free one, since PORT is not set');
  const number = wholeNumber(port, 1, 65_535);
  if (number === undefined)
    return wrong('Port', `PORT is "${port}"`, 'Set PORT to a number from 1 to 65535.');
  const problem = await listen(number, host);
  if (problem === undefined) return good('Port', `${port} is free`);
  const says =
    problem === 'EADDRINUSE' ? `${port} is in use` : `${port} on ${host} cannot be used (${problem})`;
  return wrong(
    'Port',
    says,
    'If that is not Relais itself: stop the other program, or set PORT to another number.',
  );
}

function listen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    probe.listen(port, host, () =>
      probe.close(() => {
        resolve(undefined);
      }),
    );
  });
}

/** Consents are dated: a clock that nobody sets ends them on the wrong day. */
export function checkClock(now: Date): Finding {
  const says = now.toISOString();
  const mend = 'Set the clock, and let it be kept right: timedatectl set-ntp true';
  if (now.getUTCFullYear() < 2026) return wrong('Clock', `says ${says}`, mend);
  const { stdout, status } = spawnSync('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
    encoding: 'utf8',
  });
  const isKept = status !== 0 || stdout.trim() !== 'no';
  return isKept ? good('Clock', says) : doubtful('Clock', `${says}, which nothing keeps right`, mend);
}
