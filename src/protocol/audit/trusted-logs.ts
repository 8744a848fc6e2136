import { thumbprint } from '../crypto/keys.js';
import { refuse } from '../encoding/errors.js';
import { ALGORITHM, parseVkey, type NoteKey } from '../log/note.js';
import { parsePolicy, type Policy } from '../log/policy.js';
import { readAnnouncement } from '../registry/registry-logs.js';
import type { TrustFile } from '../schemas/trust.js';
import { readHeader, verifySigned } from '../encoding/signed.js';
import { refusalOf } from './report.js';

export type LogKind = 'consent' | 'registry';

/** One log of one year, as the trust file knows it. */
export interface TrustedLog {
  readonly kind: LogKind;
  readonly year: number;
  /** `consent/2026`: where it lies in the directory. */
  readonly directory: string;
  readonly origin: string;
  readonly key: NoteKey;
  /** What the auditor asks for besides the policy that the registry makes: a quorum written down earlier. */
  readonly pinned?: Policy;
  readonly pinnedText?: string;
  /**
   * Not in the trust file: the registry of the year before has named it, and its witnesses may not have seen
   * it yet.
   */
  readonly isAnnounced?: true;
}

/** Name of the consent log without its year, as statements carry it. */
export function consentLogName({ network }: TrustFile): string {
  return `relais-${network}/consent`;
}

/**
 * The logs that an auditor trusts, registry before consent, each by rising year. Keys, network and witnesses
 * come from the auditor's own file and never from the directory. Refuses ('trust') a file that contradicts
 * itself.
 */
export function trustedLogs(trust: TrustFile): TrustedLog[] {
  const keys = (['registry', 'consent'] as const).flatMap((kind) =>
    trust.logs[kind].map((vkey) => readKey(trust, kind, vkey)).sort((a, b) => a.year - b.year),
  );
  if (new Set(keys.map(({ directory }) => directory)).size < keys.length) refuse('trust');
  return keys.map((log) => ({ ...log, ...pinnedOf(trust, log) }));
}

function readKey({ network }: TrustFile, kind: LogKind, vkey: string): TrustedLog {
  const key = parseVkey(vkey);
  const origin = key.name;
  const name = `relais-${network}/${kind}/`;
  const year = origin.slice(name.length);
  if (!origin.startsWith(name) || !/^[0-9]{4}$/.test(year) || key.algorithm !== ALGORITHM.log)
    refuse('trust');
  return { kind, year: Number(year), directory: `${kind}/${year}`, origin, key };
}

function pinnedOf({ policy }: TrustFile, log: TrustedLog): Pick<TrustedLog, 'pinned' | 'pinnedText'> {
  if (policy === undefined) return {};
  const pinned = parsePolicy(policy);
  const isNamed = pinned.logs.some(({ name, id }) => name === log.origin && id === log.key.id);
  return isNamed ? { pinned, pinnedText: policy } : refuse('trust');
}

/**
 * The next year's logs, registry before consent, where the last entry of a registry log announces them in its
 * own name (`log-key+jws`); none where it does not, or where the trust file knows that year itself.
 */
export function logsAfter(registry: TrustedLog, entry: string, known: readonly TrustedLog[]): TrustedLog[] {
  try {
    if (readHeader(entry).typ !== 'log-key+jws') return [];
    const { publicKey } = registry.key;
    const ring = new Map([[thumbprint(publicKey), publicKey]]);
    const next = readAnnouncement(verifySigned(entry, 'log-key+jws', ring).payload);
    const origins = new Set(known.map(({ origin }) => origin));
    const later = (['registry', 'consent'] as const).map((kind) => laterLog(kind, next[kind], registry));
    return later.filter(({ origin }) => !origins.has(origin));
  } catch (error) {
    // whatever is no such entry, the registry refuses
    refusalOf(error);
    return [];
  }
}

/**
 * Goes through the logs year by year, from the trust file on: `visit` looks at those of one year, registry
 * before consent, and answers the registry's last entry, which may name the next year's. Answers all logs
 * there are.
 */
export async function throughYears(
  trust: TrustFile,
  visit: (ofYear: readonly TrustedLog[]) => Promise<string>,
): Promise<TrustedLog[]> {
  const known = trustedLogs(trust);
  for (let left = known; left.length > 0;) {
    const year = Math.min(...left.map((log) => log.year));
    const ofYear = known.filter((log) => log.year === year);
    const last = await visit(ofYear);
    const [registry] = ofYear;
    if (registry?.kind === 'registry') known.push(...logsAfter(registry, last, known));
    left = known.filter((log) => log.year > year);
  }
  return known;
}

/** A quorum on paper goes on to hold, over the key of a later year. */
function laterLog(kind: LogKind, key: NoteKey, { pinned }: TrustedLog): TrustedLog {
  const year = Number(key.name.slice(-4));
  const log = { kind, year, directory: `${kind}/${year}`, origin: key.name, key, isAnnounced: true as const };
  return pinned ? { ...log, pinned: { ...pinned, keys: [...pinned.keys, key] } } : log;
}

/** Keys of both logs of one year, in the order in which a policy names them. */
export function pairOf(year: number, logs: readonly TrustedLog[]): NoteKey[] {
  return (['consent', 'registry'] as const).flatMap((kind) =>
    logs.filter((log) => log.year === year && log.kind === kind).map(({ key }) => key),
  );
}
