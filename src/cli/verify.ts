import { parseTrust, type AuditInput, type Progress } from '../protocol/audit/input.js';
import type { AuditReport } from '../protocol/audit/report.js';
import { trustedLogs } from '../protocol/audit/trusted-logs.js';
import { verifyLogs } from '../protocol/audit/verify-logs.js';
import { Refused } from '../protocol/encoding/errors.js';
import type { TrustFile } from '../protocol/schemas/trust.js';
import { command, WrongUse, type Asked } from './command.js';
import { caseFiles, isDirectory, logDirectory, readIfThere } from './verify/files.js';
import { isAddress, isFree, savePublicLog } from './verify/save.js';
import { fill, MESSAGES, type Messages } from '../client/audit/audit-messages.js';
import { pageOf } from '../client/audit/audit-page.js';

const SOUND = 0;
const VIOLATION = 1;
const INPUT_MISSING = 2;
const OWN_FAULT = 3;

interface Options {
  readonly directory: string;
  /** Where the log is copied from first. */
  readonly address?: string;
  readonly trust: string;
  readonly cases?: string | undefined;
  readonly checkpoints?: string | undefined;
  readonly sample?: string | undefined;
  readonly json: boolean;
}

/**
 * `relais verify`: checks a copy of the public logs, offline, or copies them first. Exit 0 sound, 1 something
 * does not hold, 2 input is missing or cannot be read, 3 a fault of this program, which says nothing about
 * the log. Never prints an opening.
 */
export const verifyCommand = command('verify', async (asked) => {
  const say = MESSAGES[asked.language];
  const options = readOptions(asked);
  try {
    return await audit(options, say);
  } catch (error) {
    const { syscall, path, name } = error as Partial<NodeJS.ErrnoException>;
    if (syscall !== undefined) return complain(fill(say.unreadable, { path: path ?? syscall }));
    return complain(fill(say.ownFault, { name: name ?? '' }), OWN_FAULT);
  }
});

/** A copy is checked where it is; what an address shows is saved first. */
function readOptions({ operands: [place = ''], options, flags, language }: Asked): Options {
  const { save, trust = '', ...others } = options;
  if (isAddress(place) !== (save !== undefined)) throw new WrongUse(MESSAGES[language].saveWhat);
  const where = save === undefined ? { directory: place } : { directory: save, address: place };
  return { ...where, trust, json: flags.has('json'), ...others };
}

async function audit(options: Options, say: Messages): Promise<number> {
  const input = await gather(options, say);
  if (typeof input === 'string') return complain(input);
  const report = await verifyLogs(input, progressOn(process.stderr));
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : pageOf(report, say));
  return exitCode(report);
}

const CLEAR = '\r\u001B[K';

/** One line that changes, for whoever sits at the terminal: a log of a year takes seconds to minutes. */
function progressOn(terminal: NodeJS.WriteStream): Progress | undefined {
  if (!terminal.isTTY) return undefined;
  let shown = '';
  return ({ log, done, size }) => {
    const line = `${CLEAR}${done === size ? '' : `${log} ${(100n * done) / size} %`}`;
    if (line !== shown) terminal.write(line);
    shown = line;
  };
}

function exitCode({ sound, violations }: AuditReport): number {
  if (sound) return SOUND;
  return violations.length > 0 ? VIOLATION : INPUT_MISSING;
}

function complain(message: string, code = INPUT_MISSING): number {
  process.stderr.write(`${message}\n`);
  return code;
}

/** What the audit is made on, or what to tell whoever asked for it without. */
async function gather(options: Options, say: Messages): Promise<AuditInput | string> {
  const { directory, address, cases, checkpoints, sample: samplePath } = options;
  const trust = await readTrust(options.trust, say);
  if (typeof trust === 'string') return trust;
  const problem = address === undefined ? undefined : await save(address, trust, directory, say);
  if (problem !== undefined) return problem;
  if (!(await isDirectory(directory))) return fill(say.noDirectory, { path: directory });
  for (const path of [cases, checkpoints])
    if (path !== undefined && !(await isDirectory(path))) return fill(say.noCases, { path });
  const sample = samplePath === undefined ? undefined : await readIfThere(samplePath);
  if (samplePath !== undefined && !sample) return fill(say.unreadable, { path: samplePath });
  return {
    log: logDirectory(directory),
    trust,
    ...(cases === undefined ? {} : { cases: await caseFiles(cases) }),
    ...(sample && { sample }),
    ...(checkpoints === undefined ? {} : { checkpoints: await readNotes(checkpoints) }),
  };
}

/** What keeps the copy from being made; whatever a server answers or leaves out is no fault of ours. */
async function save(
  address: string,
  trust: TrustFile,
  directory: string,
  say: Messages,
): Promise<string | undefined> {
  if (!(await isFree(directory))) return fill(say.notEmpty, { path: directory });
  return savePublicLog(address, trust, directory).then(
    () => undefined,
    () => fill(say.notCopied, { path: address }),
  );
}

async function readTrust(path: string, say: Messages): Promise<TrustFile | string> {
  const text = await readIfThere(path);
  if (!text) return fill(say.noTrust, { path });
  try {
    const trust = parseTrust(text);
    trustedLogs(trust);
    return trust;
  } catch (error) {
    if (error instanceof Refused) return fill(say.badTrust, { path });
    throw error;
  }
}

async function readNotes(path: string): Promise<{ name: string; note: Uint8Array }[]> {
  const directory = logDirectory(path);
  const names = (await directory.list?.()) ?? [];
  return Promise.all(
    names.map(async (name) => ({ name, note: (await directory.read(name)) ?? new Uint8Array(0) })),
  );
}
