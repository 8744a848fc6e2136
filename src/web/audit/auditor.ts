import { MESSAGES } from '../../client/audit/audit-messages.js';
import { pageOf } from '../../client/audit/audit-page.js';
import { followTrusted } from '../../client/device/registry.js';
import { isLogPublished, listLogs } from '../../client/audit/public-log.js';
import { Transport } from '../../client/device/transport.js';
import {
  parseTrust,
  type AuditInput,
  type CaseFiles,
  type LogDirectory,
} from '../../protocol/audit/input.js';
import type { TrustedLog } from '../../protocol/audit/trusted-logs.js';
import { verifyLogs } from '../../protocol/audit/verify-logs.js';
import { Refused } from '../../protocol/encoding/errors.js';
import { readCheckpoint } from '../../protocol/log/witness.js';
import type { TrustFile } from '../../protocol/schemas/trust.js';
import type { Coverage, Job, News } from './job.js';

/**
 * The whole audit of `relais verify`, apart from the page, so that the page stays alive. Nothing is sent but
 * questions for public files.
 */
addEventListener('message', ({ data }: MessageEvent<Job>) => void run(data));
tell({ ready: true });

async function run(job: Job): Promise<void> {
  try {
    await audit(job);
  } catch (error) {
    const isTrust = error instanceof Refused && error.check === 'trust';
    tell({ trouble: isTrust ? 'badTrust' : 'fault' });
  }
}

async function audit(job: Job): Promise<void> {
  const trust = parseTrust(await bytesOf(job.trust));
  const transport = new Transport(location.origin);
  const isCopy = job.copy.length > 0;
  const logs = isCopy ? [] : await seenLogs(transport, trust);
  if (!isCopy) tell({ coverage: await coverageOf(transport, trust, logs) });
  const input: AuditInput = {
    trust,
    log: isCopy ? copied(new Map(job.copy)) : await published(transport, logs),
    ...(job.cases.length > 0 && { cases: caseFiles(job.cases) }),
    ...(job.sample && { sample: await bytesOf(job.sample) }),
  };
  const report = await verifyLogs(input, ({ log, done, size }) =>
    tell({ progress: `${log} ${(100n * done) / size} %` }),
  );
  tell({ report: pageOf(report, MESSAGES[job.language]), sound: report.sound });
}

/** A copy's files, as the person has chosen them. */
function copied(files: ReadonlyMap<string, File>): LogDirectory {
  return {
    read: async (path) => {
      const file = files.get(path);
      return file && bytesOf(file);
    },
    list: () => Promise.resolve([...files.keys()].sort()),
  };
}

/**
 * The server's own files. Heads are read first, the consent log's before the registry's: what it is anchored
 * to is then in the registry, however much is written meanwhile.
 */
async function published(transport: Transport, logs: readonly TrustedLog[]): Promise<LogDirectory> {
  const heads = new Map<string, Uint8Array | undefined>();
  const consentFirst = logs.map(({ directory }) => directory).sort();
  for (const directory of consentFirst)
    for (const name of ['checkpoint', 'policy'])
      heads.set(`${directory}/${name}`, await transport.bytes(`/log/${directory}/${name}`));
  return {
    read: async (path) => {
      if (heads.has(path)) return heads.get(path);
      const version = /^charter\/([0-9]+)\.json$/.exec(path)?.[1];
      return version === undefined ? transport.bytes(`/log/${path}`) : charter(transport, version);
    },
  };
}

async function charter(transport: Transport, version: string): Promise<Uint8Array> {
  const { text } = await transport.json<{ text: string }>({
    method: 'GET',
    path: `/v1/charter/versions/${version}`,
  });
  return new TextEncoder().encode(text);
}

async function seenLogs(transport: Transport, trust: TrustFile): Promise<TrustedLog[]> {
  const seen: TrustedLog[] = [];
  for (const log of await listLogs(transport, trust))
    if (await isLogPublished(transport, log)) seen.push(log);
  return seen;
}

async function coverageOf(
  transport: Transport,
  trust: TrustFile,
  logs: readonly TrustedLog[],
): Promise<Coverage[]> {
  const { organisations } = await followTrusted(transport, trust);
  const coverage: Coverage[] = [];
  for (const { directory } of logs) {
    const note = async (name: string): Promise<string> =>
      new TextDecoder().decode(await transport.bytes(`/log/${directory}/${name}`));
    const [seen, newest] = [await note('checkpoint'), await note('cosignatures')];
    const witnesses = [...newest.matchAll(/^— relais-[0-9a-f-]+\/witness\/([0-9a-f-]{36}) /gm)];
    const by = witnesses.map(([, id = '']) => organisations.get(id)?.name ?? id);
    coverage.push({
      log: directory,
      seen: `${readCheckpoint(seen).size}`,
      newest: `${readCheckpoint(newest).size}`,
      by,
    });
  }
  return coverage;
}

function caseFiles(files: readonly File[]): CaseFiles {
  const named = new Map(files.map((file) => [file.name, file]));
  return {
    names: [...named.keys()].sort(new Intl.Collator('en', { numeric: true }).compare),
    read: async (name) => {
      const file = named.get(name);
      return file && bytesOf(file);
    },
  };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

function tell(news: News): void {
  postMessage(news);
}
