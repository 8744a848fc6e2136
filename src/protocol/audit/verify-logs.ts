import type { NoteKey } from '../log/note.js';
import type { Registry } from '../registry/registry.js';
import { everyWitness, policyAt, witnessesAt } from '../registry/registry-witnesses.js';
import { parseCheckpoint, type Checkpoint } from '../log/checkpoint.js';
import { openCheckpoint } from '../log/proof.js';
import { equalBytes } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';
import type { RegisteredRestore, RegisteredYear } from '../registry/registered.js';
import { requireOwnKey } from '../registry/registry-logs.js';
import { readUnverified, requirePayload } from '../encoding/signed.js';
import { Anchors } from './anchors.js';
import { firstTime, isContained, keysFor } from './case-leaves.js';
import { Charters } from './charters.js';
import { verifyCosigned } from './cosigned.js';
import type { AuditInput, Progress } from './input.js';
import { readLog, type LogCopy, type Visit } from './read-log.js';
import { RegistryEntries } from './registry-log.js';
import { Findings, type AuditReport } from './report.js';
import { judgeSample, readSample, type Sample } from './samples.js';
import { Sightings } from './sightings.js';
import { verifyStrayFiles } from './stray-files.js';
import { consentLogName, logsAfter, pairOf, trustedLogs, type TrustedLog } from './trusted-logs.js';
import { verifyCases, watchCases } from './verify-cases.js';
import { Watch } from './watch.js';

interface Audit extends LogCopy {
  readonly input: AuditInput;
  /**
   * Registry logs by year, then consent logs by year: those of the trust file, and what the registry adds
   * while it is read.
   */
  readonly logs: readonly TrustedLog[];
  readonly watch: Watch;
  readonly entries: RegistryEntries;
  readonly anchors: Anchors;
  readonly sightings: Sightings;
  /** Log directory → its size, undefined where it could not be read to its end. */
  readonly sizes: Map<string, bigint | undefined>;
}

/**
 * The audit of a copy of the public logs, offline: everything that docs/audit.md lists, in its order, reading
 * each log once and holding a bundle at a time. Throws `Refused` for a trust file that contradicts itself;
 * whatever the copy or the cases hold only makes findings.
 * @throws nothing for what a copy holds: each fault is a finding of the report
 * @example
 * const files = new Map<string, Uint8Array>();
 * await copyPublicLog(transport, trust, (path, bytes) => void files.set(path, bytes));
 * const report = await verifyLogs({ log: { read: async (path) => files.get(path) }, trust });
 * show(report.sound, report.violations);
 */
export async function verifyLogs(
  input: AuditInput,
  progress: Progress = () => undefined,
): Promise<AuditReport> {
  const begun = begin(input, progress);
  await watchWanted(begun);
  const audit = await readRegistries(begun);
  const sample = sampleOf(audit);
  for (const log of ofKind(audit, 'consent')) await readInto(audit, log);
  const registry = audit.entries.follow(input.trust);
  // who witnesses and who may sign, what is not understood may have changed
  if (registry.upgrade) audit.findings.isUnwitnessed();
  else for (const log of audit.logs) await verifyWitnesses(audit, log, registry);
  verifyLogRecord(audit, registry);
  const witnesses = witnessesOf(audit, registry);
  for (const { name, note } of input.checkpoints ?? []) verifyOlderNote(audit, { name, note, witnesses });
  const charters = await Charters.read(registry, input.log, audit.findings);
  await verifyStrayFiles(audit, audit.sizes, new Set(charters.paths));
  if (isWhole(audit) && !registry.upgrade) await verifyOpened(audit, { registry, charters, sample });
  if (!sample) audit.findings.leavesOpen('samples');
  if (!sample || sample.file.erasures.length === 0) audit.findings.leavesOpen('erasure');
  audit.findings.leavesOpen('tallies');
  return audit.findings.report();
}

function begin(input: AuditInput, progress: Progress): Audit {
  const findings = new Findings();
  const entries = new RegistryEntries(findings);
  const logs = trustedLogs(input.trust);
  return {
    input,
    files: input.log,
    progress,
    findings,
    entries,
    logs,
    logKeys: logs.map(({ key }) => key),
    watch: new Watch(),
    anchors: new Anchors(findings, entries),
    sightings: new Sightings(),
    sizes: new Map(),
  };
}

/** The logs are read once, so what will be looked up in them must be known before. */
async function watchWanted({ input, watch }: Audit): Promise<void> {
  if (input.cases) await watchCases(input.cases, watch);
  for (const { note } of input.checkpoints ?? []) {
    const checkpoint = unverifiedCheckpoint(note);
    if (checkpoint) watch.wantRoot(checkpoint.origin, checkpoint.size);
  }
}

/** Each year's registry ends with the keys of the next. */
async function readRegistries(audit: Audit): Promise<Audit> {
  const next = ofKind(audit, 'registry').find(({ directory }) => !audit.sizes.has(directory));
  if (!next) return audit;
  await readInto(audit, next);
  const later = logsAfter(next, audit.entries.texts.at(-1) ?? '', audit.logs);
  return readRegistries(await withLogs(audit, later));
}

/** Those of a new year are in a copy once their witnesses have seen them. */
async function withLogs(audit: Audit, later: readonly TrustedLog[]): Promise<Audit> {
  const copied: TrustedLog[] = [];
  for (const log of later)
    if (await audit.files.read(`${log.directory}/checkpoint`)) copied.push(log);
    else audit.findings.leavesOpen('next-year');
  const all = [...audit.logs, ...copied].sort((a, b) => a.year - b.year);
  const logs = [...ofKind({ logs: all }, 'registry'), ...ofKind({ logs: all }, 'consent')];
  return { ...audit, logs, logKeys: logs.map(({ key }) => key) };
}

function ofKind({ logs }: Pick<Audit, 'logs'>, kind: TrustedLog['kind']): TrustedLog[] {
  return logs.filter((log) => log.kind === kind);
}

async function readInto(audit: Audit, log: TrustedLog): Promise<void> {
  const size = await readLog(audit, log, visitorOf(audit, log));
  audit.sizes.set(log.directory, size);
  if (size === undefined && log.kind === 'registry') audit.entries.isComplete = false;
}

function visitorOf({ watch, entries, anchors }: Audit, log: TrustedLog): Visit {
  if (log.kind === 'registry')
    return (entry, index, reading) => {
      watch.see(reading, entry, index);
      entries.see(reading, entry, index);
      wantNamedTree(watch, entry);
    };
  return (entry, index, reading) => {
    watch.see(reading, entry, index);
    anchors.see(reading, entry, { year: log.year, index });
  };
}

/**
 * Of a log that could not be read to its end, or whose registry could not, nobody knows who its witnesses
 * are.
 */
async function verifyWitnesses(audit: Audit, log: TrustedLog, registry: Registry): Promise<void> {
  const isRead = audit.sizes.get(log.directory) !== undefined && audit.entries.isComplete;
  if (!isRead) audit.findings.isUnwitnessed();
  if (!isRead && (registry.witnesses.size > 0 || audit.input.trust.policy === undefined)) return;
  const size = log.kind === 'consent' ? audit.anchors.lastOf(log.year) : entriesUntil(audit, log.year);
  await verifyCosigned(audit, log, policyTextAt(audit, registry, { log, size }));
}

/** The registry's policy; where it names no witness, the one that was agreed on paper. */
function policyTextAt(
  { logs }: Audit,
  registry: Registry,
  { log, size }: { readonly log: TrustedLog; readonly size: number },
): string {
  const isOnPaper = witnessesAt(registry, size).length === 0;
  return (isOnPaper ? log.pinnedText : undefined) ?? policyAt(registry, pairOf(log.year, logs), size);
}

/** How many entries the registry had at the end of that year's log. */
function entriesUntil({ logs, sizes }: Audit, year: number): number {
  return logs
    .filter((log) => log.kind === 'registry' && log.year <= year)
    .reduce((sum, { directory }) => sum + Number(sizes.get(directory) ?? 0n), 0);
}

/** All that ever were witnesses, in the registry or on paper. */
function witnessesOf({ logs }: Pick<Audit, 'logs'>, registry: Registry): NoteKey[] {
  return [...everyWitness(registry), ...logs.flatMap(({ pinned }) => pinned?.witnesses ?? [])];
}

/** The consent log is read after the registry: what an entry says of one of its trees is looked up there. */
function wantNamedTree(watch: Watch, entry: Uint8Array): void {
  try {
    const { header, payload } = readUnverified(new TextDecoder().decode(entry));
    if (header.typ !== 'log-restored+jws' && header.typ !== 'log-opening+jws') return;
    const { consent } = requirePayload(header.typ, payload);
    watch.wantRoot(consent.origin, BigInt(consent.size));
  } catch {
    // whatever is no such entry, the registry refuses
  }
}

/** What the log says in its own name: with the key that is trusted, and only what is true of it. */
function verifyLogRecord(audit: Audit, registry: Registry): void {
  const [first] = ofKind(audit, 'registry');
  if (first) audit.findings.probe('registry', first.directory, () => requireOwnKey(registry, first.key));
  for (const restore of registry.restores) verifyRestore(audit, restore);
  for (const year of registry.years) verifyYear(audit, year);
}

/** A network can be put back from a backup to no other tree than it has. */
function verifyRestore({ findings, watch }: Audit, { consent, index }: RegisteredRestore): void {
  isContained({ findings, watch }, consent, `registry entry ${index}`);
  findings.leavesOpen('restored');
}

/**
 * A year's registry begins where that of the year before ended, and the consent log of the year before grows
 * no more.
 */
function verifyYear(audit: Audit, { first, consent, registry, closed }: RegisteredYear): void {
  const { findings, sizes, watch } = audit;
  const subject = `registry entry ${first}`;
  findings.expect('registry', isTrusted(audit, consent) && isTrusted(audit, registry), subject, 'signer');
  const year = Number(registry.name.slice(-4));
  findings.expect('registry', entriesUntil(audit, year - 1) === first, subject, 'other-year');
  if (!closed) return;
  const size = sizes.get(`consent/${closed.consent.origin.slice(-4)}`);
  findings.expect(
    'consistency',
    size === undefined || size <= closed.consent.size,
    subject,
    'grew-after-end',
  );
  isContained({ findings, watch }, closed.consent, subject);
}

/** A trust file may know a later year's key as well. */
function isTrusted({ logs }: Audit, { name, publicKey }: NoteKey): boolean {
  const copied = logs.find(({ origin }) => origin === name);
  return !copied || equalBytes(copied.key.publicKey, publicKey);
}

interface OlderNote {
  readonly name: string;
  readonly note: Uint8Array;
  readonly witnesses: readonly NoteKey[];
}

/** A checkpoint that somebody kept: signed by a trusted log, and still contained in it. */
function verifyOlderNote(
  { logs, findings, watch, sightings }: Audit,
  { name, note, witnesses }: OlderNote,
): void {
  const seen = findings.attempt('consistency', name, () => {
    const origin = unverifiedCheckpoint(note)?.origin;
    const log = logs.find((trusted) => trusted.origin === origin) ?? refuse('other-log');
    return { log, ...openCheckpoint(note, keysFor(log, witnesses)) };
  });
  if (!seen || !isContained({ findings, watch }, seen.checkpoint, name) || seen.log.kind === 'registry')
    return;
  sightings.add(seen.log.year, seen.checkpoint.size, firstTime(seen.signatures));
}

function unverifiedCheckpoint(note: Uint8Array): Checkpoint | undefined {
  try {
    const text = new TextDecoder().decode(note);
    return parseCheckpoint(text.slice(0, text.indexOf('\n\n') + 1));
  } catch {
    return undefined;
  }
}

/**
 * Cases are judged only over logs that could be read to their end: otherwise every answer would be a guess.
 */
function isWhole({ sizes }: Audit): boolean {
  return [...sizes.values()].every((size) => size !== undefined);
}

interface Opened {
  readonly registry: Registry;
  readonly charters: Charters;
  readonly sample: Sample | undefined;
}

async function verifyOpened(audit: Audit, { registry, charters, sample }: Opened): Promise<void> {
  const { input, findings, logs, watch, anchors, sightings } = audit;
  const { cases } = input;
  if (!cases || cases.names.length === 0) findings.leavesOpen('no-cases');
  const log = consentLogName(input.trust);
  const witnesses = witnessesOf(audit, registry);
  const context = { log, logs, witnesses, watch, findings, sightings, registry, anchors, charters };
  const shown = cases ? await verifyCases(cases, context) : [];
  if (sample) findings.hasSample(judgeSample(context, sample, shown));
}

function sampleOf({ input, logs, watch, findings }: Audit): Sample | undefined {
  const text = input.sample;
  return text && findings.attempt('sample', 'sample', () => readSample(text, logs, watch));
}
