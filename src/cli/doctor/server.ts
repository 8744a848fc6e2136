import { originHere } from '../../process.js';
import { good, wrong, type Finding } from './finding.js';

interface Readiness {
  readonly status: 'pass' | 'fail';
  readonly checks: Readonly<Record<string, boolean>>;
  readonly lastSuccess: Readonly<Record<string, string | null>>;
}

/** Every job runs once a minute at least. */
const LATE_MS = 300_000;
const PATIENCE_MS = 5000;

/** How a server that runs here fares, and when each of its jobs last succeeded; undefined where none answers. */
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
  return wrong(
    'Server',
    `${failing.join(', ')} fails; last success: ${says}`,
    'The server has said why on stderr, in a line that begins with "relais:".',
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
