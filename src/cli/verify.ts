import { parseArgs } from 'node:util';
import { parseTrust, type AuditInput } from '../protocol/audit/input.js';
import type { AuditReport } from '../protocol/audit/report.js';
import { trustedLogs } from '../protocol/audit/trusted-logs.js';
import { verifyLogs } from '../protocol/audit/verify-logs.js';
import { Refused } from '../protocol/errors.js';
import type { TrustFile } from '../protocol/schemas/trust.js';
import { caseFiles, isDirectory, logDirectory, readIfThere } from './verify/files.js';
import { fill, LANGUAGES, MESSAGES, type Language, type Messages } from './verify/messages.js';
import { pageOf } from './verify/page.js';

const SOUND = 0;
const VIOLATION = 1;
const INPUT_MISSING = 2;

interface Options {
  readonly directory: string;
  readonly trust: string;
  readonly cases?: string | undefined;
  readonly checkpoints?: string | undefined;
  readonly json: boolean;
}

/**
 * `relais verify`: checks a copy of the public logs, offline. Exit 0 sound, 1 something does not hold, 2 input is
 * missing. Never prints an opening.
 */
export async function verifyCommand(argv: string[]): Promise<number> {
  const { options, say } = readArguments(argv);
  if (!options) return complain(say.usage);
  const input = await gather(options, say);
  if (typeof input === 'string') return complain(input);
  const report = await verifyLogs(input);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : pageOf(report, say));
  return exitCode(report);
}

function exitCode({ sound, violations }: AuditReport): number {
  if (sound) return SOUND;
  return violations.length > 0 ? VIOLATION : INPUT_MISSING;
}

function complain(message: string): number {
  process.stderr.write(`${message}\n`);
  return INPUT_MISSING;
}

function readArguments(argv: string[]): { options?: Options; say: Messages } {
  let say = MESSAGES.en;
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        trust: { type: 'string' },
        cases: { type: 'string' },
        checkpoints: { type: 'string' },
        json: { type: 'boolean', default: false },
        language: { type: 'string', default: languageOfTerminal() },
      },
    });
    const { trust, language, ...others } = values;
    if (!isLanguage(language)) return { say };
    say = MESSAGES[language];
    const [directory, ...more] = positionals;
    if (directory === undefined || trust === undefined || more.length > 0) return { say };
    return { say, options: { directory, trust, ...others } };
  } catch {
    return { say };
  }
}

function languageOfTerminal(): Language {
  const named = (process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG'] ?? '').slice(
    0,
    2,
  );
  return isLanguage(named) ? named : 'en';
}

function isLanguage(text: string): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** What the audit is made on, or what to tell whoever asked for it without. */
async function gather(options: Options, say: Messages): Promise<AuditInput | string> {
  const { directory, cases, checkpoints } = options;
  if (!(await isDirectory(directory))) return fill(say.noDirectory, { path: directory });
  const trust = await readTrust(options.trust, say);
  if (typeof trust === 'string') return trust;
  for (const path of [cases, checkpoints])
    if (path !== undefined && !(await isDirectory(path))) return fill(say.noCases, { path });
  return {
    log: logDirectory(directory),
    trust,
    ...(cases === undefined ? {} : { cases: await caseFiles(cases) }),
    ...(checkpoints === undefined ? {} : { checkpoints: await readNotes(checkpoints) }),
  };
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
