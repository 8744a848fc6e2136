import { refuse } from '../encoding/errors.js';
import { wholeNumber } from '../encoding/whole-number.js';
import { ALGORITHM, formatVkey, parseVkey, type NoteKey, type NoteSignature } from './note.js';

/** A tlog-policy (C2SP): which logs are believed, and which witnesses must have seen a checkpoint. */
export interface Policy {
  readonly logs: readonly NoteKey[];
  readonly witnesses: readonly NoteKey[];
  /** Keys of logs and witnesses together. */
  readonly keys: readonly NoteKey[];
  /** Whether it asks for any cosignature at all. */
  readonly isWitnessed: boolean;
  /** Whether the quorum has cosigned. */
  readonly isMet: (signatures: readonly NoteSignature[]) => boolean;
}

type Member = { readonly key: NoteKey } | { readonly threshold: number; readonly members: readonly string[] };

/** Reads a policy; refuses unknown lines, names used twice, and a key under two names. */
export function parsePolicy(text: string): Policy {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) refuse('policy');
  const reader = new PolicyReader();
  for (const line of text.split('\n')) {
    const parts = line.split(/[ \t]+/).filter((part) => part !== '');
    if (parts[0]?.startsWith('#') === false) reader.readLine(parts);
  }
  return reader.policy();
}

/** A witness as a policy names it: the organisation's id, its key, and where it takes checkpoints. */
export interface PolicyWitness {
  readonly organisation: string;
  readonly key: NoteKey;
  readonly url?: string | undefined;
}

/**
 * How many of `n` witnesses must have seen a checkpoint: all of one or two, from three ⌊2n/3⌋+1 and at most
 * n−1.
 */
export function quorumOf(n: number): number {
  return n < 3 ? n : Math.min(Math.floor((2 * n) / 3) + 1, n - 1);
}

/**
 * The text of a network's policy, in one form only: anybody who follows the registry writes the same bytes.
 */
export function formatPolicy(logs: readonly NoteKey[], witnesses: readonly PolicyWitness[] = []): string {
  const ascending = [...witnesses].sort((a, b) => (a.organisation < b.organisation ? -1 : 1));
  const names = ascending.map(({ organisation }) => organisation);
  return [
    ...logs.map((key) => `log ${formatVkey(key)}`),
    ...ascending.map(({ organisation, key, url }) =>
      ['witness', organisation, formatVkey(key), ...(url === undefined ? [] : [url])].join(' '),
    ),
    ...(names.length === 0 ? [] : [`group witnesses ${quorumOf(names.length)} ${names.join(' ')}`]),
    `quorum ${names.length === 0 ? 'none' : 'witnesses'}`,
    '',
  ].join('\n');
}

/** The same logs without their witnesses: what a provisional proof is held to, some seconds after an act. */
export function provisional(policy: Policy): Policy {
  return { ...policy, isWitnessed: false, isMet: () => true };
}

class PolicyReader {
  private readonly logs: NoteKey[] = [];
  private readonly members = new Map<string, Member>();
  private readonly grouped = new Set<string>();
  private quorum: string | undefined;

  readLine([keyword, ...rest]: readonly string[]): void {
    if (keyword === 'log') this.addLog(rest);
    else if (keyword === 'witness') this.addWitness(rest);
    else if (keyword === 'group') this.addGroup(rest);
    else if (keyword === 'quorum') this.setQuorum(rest);
    else refuse('policy');
  }

  policy(): Policy {
    const quorum = this.quorum ?? refuse('policy');
    const witnesses = [...this.members.values()].flatMap((member) => ('key' in member ? [member.key] : []));
    const isMet = (signatures: readonly NoteSignature[]): boolean =>
      quorum === 'none' || this.isMemberMet(quorum, new Set(signatures.map(({ key }) => key)));
    return {
      logs: this.logs,
      witnesses,
      keys: [...this.logs, ...witnesses],
      isWitnessed: quorum !== 'none',
      isMet,
    };
  }

  private addLog([vkey = '', ...urls]: readonly string[]): void {
    const key = parseVkey(vkey);
    if (key.algorithm !== ALGORITHM.log || urls.length > 1) refuse('policy');
    this.requireNew(key);
    this.logs.push(key);
  }

  private addWitness([name = '', vkey = '', ...urls]: readonly string[]): void {
    const key = parseVkey(vkey);
    if (key.algorithm !== ALGORITHM.cosignature || urls.length > 1) refuse('policy');
    this.requireNew(key);
    this.define(name, { key });
  }

  private addGroup([name = '', threshold = '', ...members]: readonly string[]): void {
    if (members.length === 0) refuse('policy');
    for (const member of members) {
      if (!this.members.has(member) || this.grouped.has(member)) refuse('policy');
      this.grouped.add(member);
    }
    const needed =
      threshold === 'all'
        ? members.length
        : threshold === 'any'
          ? 1
          : (wholeNumber(threshold, 1, 9999) ?? refuse('policy'));
    if (needed > members.length) refuse('policy');
    this.define(name, { threshold: needed, members });
  }

  private setQuorum([name = '', ...more]: readonly string[]): void {
    const isKnown = name === 'none' || this.members.has(name);
    if (this.quorum !== undefined || !isKnown || more.length > 0) refuse('policy');
    this.quorum = name;
  }

  private define(name: string, member: Member): void {
    if (name === '' || name === 'none' || this.members.has(name)) refuse('policy');
    this.members.set(name, member);
  }

  /** One public key under two names could count twice. */
  private requireNew(key: NoteKey): void {
    const hex = (other: NoteKey): string => other.publicKey.join();
    const known = [...this.logs, ...[...this.members.values()].flatMap((m) => ('key' in m ? [m.key] : []))];
    if (known.some((other) => hex(other) === hex(key))) refuse('policy');
  }

  private isMemberMet(name: string, signers: ReadonlySet<NoteKey>): boolean {
    const member = this.members.get(name) as Member;
    if ('key' in member) return signers.has(member.key);
    return member.members.filter((other) => this.isMemberMet(other, signers)).length >= member.threshold;
  }
}
