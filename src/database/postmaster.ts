import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { asOrdinaryUser, environmentOf } from './programs.js';

export interface Place {
  readonly binaries: Binaries;
  readonly data: string;
  readonly sockets: string;
  /**
   * Open and locked; each process of PostgreSQL inherits it, and the lock lasts as long as the last of them.
   */
  readonly taken: number;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
/** Processes of a killed postmaster hold its memory until they notice. */
const STILL_THERE = /pre-existing shared memory block|another postmaster/;
const ATTEMPTS = 20;
const PAUSE_MS = 250;

/**
 * No network; nothing that a client sent is ever written to PostgreSQL's log: errors, whose first line can
 * quote a value, are below `log`, and the rest has no detail, statement or parameter.
 */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  max_connections: '100',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_statement: 'none',
  log_checkpoints: 'off',
};

/** Starts `postgres` and waits until it accepts connections. */
export async function launch(place: Place): Promise<ChildProcess> {
  chmodSync(place.data, 0o700);
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(place);
    } catch (error) {
      if (attempt === ATTEMPTS || !STILL_THERE.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function launchOnce({ binaries, data, sockets, taken }: Place): Promise<ChildProcess> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, args] = asOrdinaryUser(join(binaries.bin, 'postgres'), [
    '-D',
    data,
    '-k',
    // a list, in which a comma or a quotation mark has a meaning
    `"${sockets.replaceAll('"', '""')}"`,
    ...settings,
  ]);
  // a session of its own: Ctrl-C reaches Relais, which lets its requests end before it stops the database
  const child = spawn(program, args, {
    env: environmentOf(binaries),
    stdio: ['ignore', 'ignore', 'pipe', taken],
    detached: true,
  });
  await untilReady(child);
  // neither keeps this process alive, and where the system has no pdeathsig an ordinary exit takes it along
  child.unref();
  (child.stderr as { unref?: () => void } | null)?.unref?.();
  const takeAlong = (): boolean => child.kill('SIGINT');
  process.once('exit', takeAlong);
  child.once('exit', () => process.off('exit', takeAlong));
  return child;
}

async function untilReady(child: ChildProcess): Promise<void> {
  let log = '';
  await new Promise<void>((ready, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGQUIT');
      fail(new Error(`PostgreSQL did not start in time:\n${log}`));
    }, START_TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(timer);
      ready();
    });
    child.once('error', fail);
    child.once('close', () => {
      clearTimeout(timer);
      fail(new Error(`PostgreSQL ended at its start ("relais doctor" may say why):\n${log}`));
    });
  });
}

/**
 * Ends sessions, writes everything down, stops; what hangs is stopped without that, and recovers at the next
 * start.
 */
export async function shutDown(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.ref();
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
