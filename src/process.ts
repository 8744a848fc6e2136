/**
 * Variables that Relais reads. A file of settings that leaves one empty says as little as one that leaves it
 * out.
 */
const OURS = /^(?:RELAIS_.*|DATABASE_.*|PG_BIN|HOST|PORT|TMPDIR|LC_ALL|LC_MESSAGES|LANG)$/;

/** What each process of ours does before anything else. */
export function prepareProcess(): void {
  // by default Node opens a debugger on SIGUSR1, and through that a door to every key
  process.on('SIGUSR1', () => undefined);
  for (const [name, value] of Object.entries(process.env))
    if (value === '' && OURS.test(name)) Reflect.deleteProperty(process.env, name);
}

/** Where a server listens unless HOST says otherwise. */
export const LOOPBACK = '127.0.0.1';

/**
 * Where this very machine reaches a server that listens at `host`; an address of all is none to connect to.
 */
export function originHere(host: string, port: string | number): string {
  const here = ['::1', 'localhost'].includes(host) ? host : LOOPBACK;
  return `http://${here.includes(':') ? `[${here}]` : here}:${port}`;
}

/** A failure of which another process of ours has told already. */
export class Told extends Error {}

/** What went wrong, for whoever runs the machine, as one sentence: a stack trace would only hide it. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
