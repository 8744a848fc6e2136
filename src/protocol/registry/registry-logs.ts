import { equalBytes, fromBase64url, utf8 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import type { Checkpoint } from '../log/checkpoint.js';
import { leafHash, rootOf } from '../log/merkle.js';
import { ALGORITHM, parseVkey, type NoteKey } from '../log/note.js';
import type { LogRecord, Registry, RegisteredYear } from './registered.js';
import type { Payload } from '../schemas/signed.js';

/** The network was put back from a backup: the log's word, right after the entries that it still has. */
export function withRestore(
  record: LogRecord,
  payload: Payload<'log-restored+jws'>,
  index: number,
): LogRecord {
  const { key, consent, entries, from } = payload;
  if (entries !== index) refuse('chain');
  const restore = { consent: checkpointOf(consent), from, index };
  return { ...signedByLog(record, key), restores: [...record.restores, restore] };
}

/** The keys of the next year's logs. Nothing follows in this log. */
export function withNextYear(record: LogRecord, payload: Payload<'log-key+jws'>, index: number): LogRecord {
  const next = readAnnouncement(payload);
  const before = record.years.at(-1)?.registry.name ?? '';
  if (before >= next.registry.name) refuse('log-key');
  return { ...signedByLog(record, payload.key), years: [...record.years, { ...next, first: index + 1 }] };
}

/** The first entry of the next year's log: it ties on to how the pair of the year before has ended. */
export function withYearBegun(
  record: LogRecord,
  payload: Payload<'log-opening+jws'>,
  entries: readonly string[],
): LogRecord {
  const year = begun(record) ?? refuse('chain');
  const before = record.years.at(-2);
  const closed = { consent: checkpointOf(payload.consent), registry: checkpointOf(payload.registry) };
  const own = entries.slice(before?.first ?? 0).map((entry) => leafHash(utf8(entry)));
  const isTree = closed.registry.size === BigInt(own.length) && equalBytes(closed.registry.root, rootOf(own));
  if (!isTree || !isPairBefore(closed, year, before)) refuse('log-opening');
  return { ...signedByLog(record, payload.key), years: [...record.years.slice(0, -1), { ...year, closed }] };
}

/** Whether the last word was that the next year's log goes on: until it does, nothing else can follow. */
export function isClosed(record: LogRecord): boolean {
  return begun(record) !== undefined;
}

/** The year that was announced and has no entry yet. */
function begun({ years }: LogRecord): RegisteredYear | undefined {
  const last = years.at(-1);
  return last?.closed ? undefined : last;
}

/** The pair that a log-key entry names: vkeys of the same network and one year. @throws Refused */
export function readAnnouncement({
  network,
  consent,
  registry,
}: Payload<'log-key+jws'>): Pick<RegisteredYear, 'consent' | 'registry'> {
  const pair = { consent: parseVkey(consent), registry: parseVkey(registry) };
  const prefix = `relais-${network}/registry/`;
  const year = pair.registry.name.slice(prefix.length);
  const isPair =
    pair.registry.name === prefix + year &&
    pair.consent.name === `relais-${network}/consent/${year}` &&
    /^[0-9]{4}$/.test(year) &&
    [pair.consent, pair.registry].every(({ algorithm }) => algorithm === ALGORITHM.log);
  return isPair ? pair : refuse('log-key');
}

/**
 * Refuses ('signer') a registry whose log has spoken with another key than the first year's, which the caller
 * knows.
 */
export function requireOwnKey({ logKey }: Registry, { publicKey }: NoteKey): void {
  if (logKey && !equalBytes(logKey, publicKey)) refuse('signer');
}

/** How a log ended, where it has: with its year. */
export function closedTree({ years }: LogRecord, origin: string): Checkpoint | undefined {
  const trees = years.flatMap(({ closed }) => (closed ? [closed.consent, closed.registry] : []));
  return trees.find((tree) => tree.origin === origin);
}

/** One key speaks for the log in a year: the announced one, in the first year always the same. */
function signedByLog(record: LogRecord, text: string): LogRecord {
  const key = fromBase64url(text);
  const last = record.years.at(-1)?.registry.publicKey;
  const own = last ?? record.logKey ?? key;
  if (!equalBytes(own, key)) refuse('signer');
  return last ? record : { ...record, logKey: key };
}

function isPairBefore(
  { consent, registry }: { consent: Checkpoint; registry: Checkpoint },
  year: RegisteredYear,
  before: RegisteredYear | undefined,
): boolean {
  if (before) return consent.origin === before.consent.name && registry.origin === before.registry.name;
  // of the first year only the trust file knows the names; whoever has it looks the trees up by them
  const number = registry.origin.slice(-4);
  const isNamed = ({ origin }: Checkpoint, { name }: NoteKey): boolean =>
    origin === name.slice(0, -4) + number && origin < name;
  return isNamed(registry, year.registry) && isNamed(consent, year.consent);
}

function checkpointOf(tree: Payload<'log-opening+jws'>['consent']): Checkpoint {
  return { origin: tree.origin, size: BigInt(tree.size), root: fromBase64url(tree.root) };
}
