import { originHere } from '../../process.js';
import { good, wrong, type Finding } from './finding.js';

interface Readiness {
  readonly status: 'pass' | 'warn' | 'fail';
  readonly checks: Readonly<Record<string, boolean>>;
  readonly lastSuccess: Readonly<Record<string, string | null>>;
}

const ON_STDERR = 'The server has said why on stderr, in a line that begins with "relais:".';
const MENDS: Readonly<Record<string, string>> = {
  current:
    'The database is older than what was signed, and nothing is served. Put the right one back; or stop, and: relais restore in-place',
  room: 'The disk is nearly full, and new content is refused. Make room; withdrawals go on.',
  whole:
    'A page of the database is damaged: what lies there cannot be read, and the rest goes on. Look at "Pages".',
};

/** Every job runs once a minute at least. */
const LATE_MS = 300_000;
const PATIENCE_MS = 5000;

/**
 * How a server that runs here fares, and when each of its jobs last succeeded; undefined where none answers.
 */
export async function checkServer(port: string | undefined, host: string): Promise<Finding | undefined> {
  const ready = port === undefined ? undefined : await ask(originHere(host, port));
  if (!ready) return undefined;
  const jobs = Object.entries(ready.lastSuccess);
  const failing = [
    ...Object.keys(ready.checks).filter((check) => ready.checks[check] !== true),
    ...jobs.filter(([, at]) => at !== null && Date.now() - Date.parse(at) > LATE_MS).map(([job]) => job),
  ];
  const says = jobs.map(([job, at]) => `${job} ${at ?? 'not yet'}`).join(', ');
  if (failing.length === 0) return good('Server', `works; last success: ${says}`);
  const mends = failing.flatMap((check) => MENDS[check] ?? []);
  return wrong(
    'Server',
    `${failing.join(', ')} fails; last success: ${says}`,
    [...mends, ON_STDERR].join('\n'),
  );
}

/** Another program on that port, or none, is no answer. */
async function ask(address: string): Promise<Readiness | undefined> {
  try {
    const answer = await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const ready = (await answer.json()) as Partial<Readiness>;
    return ready.checks && ready.lastSuccess ? (ready as Readiness) : undefined;
  } catch {
    return undefined;
  }
}
