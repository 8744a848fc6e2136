import { refuse } from '../errors.js';
import { ALGORITHM, parseVkey, type NoteKey } from '../log/note.js';
import { parsePolicy, type Policy } from '../log/policy.js';
import type { TrustFile } from '../schemas/trust.js';

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
}

/** Name of the consent log without its year, as statements carry it. */
export function consentLogName({ network }: TrustFile): string {
  return `relais-${network}/consent`;
}

/**
 * The logs that an auditor trusts, registry before consent, each by rising year. Keys, network and witnesses come from
 * the auditor's own file and never from the directory. Refuses ('trust') a file that contradicts itself.
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

/** Keys of both logs of one year, in the order in which a policy names them. */
export function pairOf(year: number, logs: readonly TrustedLog[]): NoteKey[] {
  return (['consent', 'registry'] as const).flatMap((kind) =>
    logs.filter((log) => log.year === year && log.kind === kind).map(({ key }) => key),
  );
}
