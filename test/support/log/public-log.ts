import { newId, randomBytes, toBase64url, utf8 } from '../../../src/protocol/encoding/bytes.js';
import type { AuditInput } from '../../../src/protocol/audit/input.js';
import { defaultCharter, textHash, type Charter } from '../../../src/protocol/registry/charter.js';
import { canonicalText } from '../../../src/protocol/encoding/json.js';
import refer1 from '../../../src/protocol/consent/notices/refer-1.json' with { type: 'json' };
import { boxKey, type SigningKey } from '../../../src/protocol/crypto/keys.js';
import { commitTo } from '../../../src/protocol/envelope/envelope.js';
import { parseVkey } from '../../../src/protocol/log/note.js';
import { witnessName } from '../../../src/protocol/log/witness.js';
import { emptyRegistry, followRegistry } from '../../../src/protocol/registry/registry.js';
import { policyAt } from '../../../src/protocol/registry/registry-witnesses.js';
import { anchorLeaf, padLeaf, statementLeaf } from '../../../src/protocol/log/leaves.js';
import type { ConsentRecord } from '../../../src/protocol/schemas/consent-record.js';
import type {
  ConsentGiven,
  ConsentStatement,
  HandoffReleased,
} from '../../../src/protocol/schemas/statements.js';
import type { TrustFile } from '../../../src/protocol/schemas/trust.js';
import { hashText, sign } from '../../../src/protocol/encoding/signed.js';
import {
  charterSignature,
  freshKey,
  givenEpoch,
  givenOrganisation,
  inDays,
  type TestEpoch,
  type TestOrganisation,
} from '../network/founders.js';
import { policyOf, publishPair, TestLog, type TestWitness } from './test-log.js';

export const TODAY = '2026-11-23';
export const YEAR = 2026;

export interface Opened {
  readonly kind: string;
  readonly jws: string;
  readonly opening: Uint8Array;
  readonly log: TestLog;
  readonly index: bigint;
}

/** A pair of logs that has ended, with the policy of its end. */
export interface EndedYear {
  readonly year: number;
  readonly consent: TestLog;
  readonly registry: TestLog;
  readonly policy: string;
}

/** A consent with what its holders know of it. */
export interface TestConsent {
  readonly id: string;
  readonly referral: string;
  readonly person: SigningKey;
  readonly statements: Opened[];
  readonly fields: string;
  readonly consentRecord: string;
  readonly salts: { readonly fields: Uint8Array; readonly consentRecord: Uint8Array };
}

export interface Changes {
  readonly given?: Partial<ConsentGiven>;
  readonly record?: Record<string, unknown>;
  readonly fields?: readonly string[];
  /** Instead of a record. */
  readonly recordText?: string;
  readonly signer?: SigningKey;
}

/** A network of two organisations with its two logs, complete enough to be audited, and to be falsified. */
export class TestNetwork {
  readonly network = newId();
  readonly at = { network: this.network, today: TODAY };
  readonly source: TestOrganisation = givenOrganisation(this.at, 'La Ruelle');
  readonly target: TestOrganisation = givenOrganisation(this.at, 'Clinique du Canal');
  /** Another service of the target's organisation. */
  readonly other: TestEpoch;
  /** The pair of logs that is written to. */
  registry = new TestLog(`relais-${this.network}/registry/${YEAR}`);
  consent = new TestLog(`relais-${this.network}/consent/${YEAR}`);
  year = YEAR;
  /** Those of the years before (`turnYear`). */
  readonly ended: EndedYear[] = [];
  readonly log = `relais-${this.network}/consent`;
  readonly entries: string[] = [];
  readonly charter: string;

  constructor(change: (charter: Charter) => Charter = (charter) => charter) {
    const founders = [this.source, this.target];
    const members = founders.map(({ id, root }) => ({ organisation: id, root: root.kid }));
    this.charter = canonicalText(change(defaultCharter('Réseau d’essai', members)));
    this.other = givenEpoch(this.at, {
      ...this.ofTarget(),
      service: { id: newId(), name: 'Nuit' },
      previous: null,
    });
    this.register(...founders.map(({ entries }) => entries.organisation));
    this.register(...founders.map(({ root }) => charterSignature(this.at, this.charter, root)));
    this.register(...founders.map(({ entries }) => entries.coordinatorKey));
    this.register(...founders.map(({ epoch }) => epoch.entry), this.other.entry);
    this.anchor();
  }

  private get first(): Pick<EndedYear, 'consent' | 'registry'> {
    return this.ended[0] ?? this;
  }

  get trust(): TrustFile {
    return {
      network: this.network,
      logs: { consent: [this.first.consent.vkey], registry: [this.first.registry.vkey] },
      roots: [this.source.root.kid, this.target.root.kid],
    };
  }

  private ofTarget() {
    const { id, name, coordinator, service } = this.target;
    return { organisation: { id, name }, coordinator, service };
  }

  register(...texts: string[]): void {
    for (const text of texts) {
      this.entries.push(text);
      this.registry.add(utf8(text));
    }
  }

  /** An organisation's witness, registered. */
  addWitness(
    { id, coordinator }: TestOrganisation,
    time = BigInt(Date.parse(`${TODAY}T12:00:00Z`) / 1000),
  ): TestWitness {
    const key = freshKey();
    const payload = { network: this.network, organisation: id, key: toBase64url(key.publicKey), from: TODAY };
    this.register(sign('witness+jws', payload, coordinator));
    return { name: witnessName(this.network, id), key, time };
  }

  anchor(size = this.registry.leaves.length): bigint {
    return this.consent.add(anchorLeaf(this.registry.root(size)));
  }

  pads(count: number): void {
    for (let i = 0; i < count; i++) this.consent.add(padLeaf(this.log, randomBytes(32)));
  }

  /** Revokes the target's epoch and registers its next one. */
  revokeTarget(): TestEpoch {
    const { id, coordinator, epoch } = this.target;
    const payload = {
      network: this.network,
      organisation: id,
      key: epoch.keys.sign.kid,
      from: TODAY,
      reason: 'device-lost',
    };
    const revocation = sign('revocation+jws', payload, coordinator);
    const next = givenEpoch(this.at, { ...this.ofTarget(), previous: epoch.entry, number: 2 });
    this.register(revocation, next.entry);
    return next;
  }

  /** Pads and an anchor, so that the size is a multiple of 64. */
  finish(): void {
    this.pads(63 - (this.consent.leaves.length % 64));
    this.anchor();
  }

  state(text: string, kind = '', log = this.consent): Opened {
    const opening = randomBytes(32);
    return { kind, jws: text, opening, log, index: log.add(statementLeaf(this.log, opening, text)) };
  }

  give({
    given = {},
    record = {},
    fields = ['calledName', 'reason'],
    recordText,
    signer,
  }: Changes = {}): TestConsent {
    const person = freshKey();
    const dates = { sendUntil: inDays(TODAY, 14), keepUntil: inDays(TODAY, 90) };
    const consentRecord = recordText ?? JSON.stringify({ ...recordOf(fields, dates), ...record });
    const salts = { fields: randomBytes(32), consentRecord: randomBytes(32) };
    const consent = {
      id: newId(),
      referral: newId(),
      person,
      statements: [],
      fields: JSON.stringify(fields),
      consentRecord,
      salts,
    };
    const payload: ConsentGiven = {
      ...this.about(consent, 'consent.given'),
      from: this.source.service.id,
      to: this.target.service.id,
      purpose: 'health-care',
      notice: 'refer@1',
      ...dates,
      person: toBase64url(person.publicKey),
      personBox: toBase64url(boxKey(randomBytes(32)).id),
      fields: toBase64url(commitTo('fields', salts.fields, consent.fields)),
      consentRecord: toBase64url(commitTo('consent-record', salts.consentRecord, consentRecord)),
      ...given,
    };
    return this.say(consent, payload, signer ?? this.source.epoch.keys.sign);
  }

  release(consent: TestConsent, change: Partial<HandoffReleased> = {}, signer?: SigningKey): TestConsent {
    const payload: HandoffReleased = {
      ...this.about(consent, 'handoff.released'),
      toKey: toBase64url(this.target.epoch.keys.box.id),
      fields: toBase64url(commitTo('fields', consent.salts.fields, consent.fields)),
      digest: toBase64url(randomBytes(32)),
      ...change,
    };
    return this.say(consent, payload, signer ?? this.source.epoch.keys.sign);
  }

  receive(consent: TestConsent, day = TODAY, signer = this.target.epoch.keys.sign): TestConsent {
    return this.say(consent, { ...this.about(consent, 'handoff.received'), day }, signer);
  }

  renew(consent: TestConsent, keepUntil: string): TestConsent {
    const payload = { ...this.about(consent, 'consent.renewed'), keepUntil };
    return this.say(consent, payload, this.source.epoch.keys.sign);
  }

  invalidate(consent: TestConsent): TestConsent {
    const payload = { ...this.about(consent, 'consent.invalidated'), reason: 'wrong-person' as const };
    return this.say(consent, payload, this.source.epoch.keys.sign);
  }

  withdraw(consent: TestConsent): TestConsent {
    const payload = {
      ...this.about(consent, 'consent.withdrawn'),
      prev: toBase64url(hashText(consent.statements[0]?.jws ?? '')),
      means: 'own-code' as const,
      by: 'person' as const,
    };
    return this.say(consent, payload, consent.person);
  }

  private about<K extends string>({ id, referral, statements }: TestConsent, kind: K) {
    const head = statements.findLast((statement) => statement.kind !== 'consent.withdrawn');
    const prev = head ? toBase64url(hashText(head.jws)) : null;
    return { log: this.log, kind, consent: id, referral, prev, day: TODAY };
  }

  private say(consent: TestConsent, payload: ConsentStatement, signer: SigningKey): TestConsent {
    consent.statements.push(
      this.state(sign('consent-statement+jws', JSON.stringify(payload), signer), payload.kind),
    );
    return consent;
  }

  /** What is published, by path. */
  publish(witnesses: readonly TestWitness[] = [], policy = this.policy): Map<string, Uint8Array> {
    const files = new Map([['charter/1.json', utf8(this.charter)]]);
    for (const { year, ...pair } of this.ended) publishPair(files, year, { witnesses, ...pair });
    publishPair(files, this.year, { consent: this.consent, registry: this.registry, witnesses, policy });
    return files;
  }

  /** As the registry makes it; without witnesses where the registry does not hold. */
  get policy(): string {
    try {
      const registry = followRegistry(emptyRegistry(this.trust), this.entries);
      return policyAt(
        registry,
        [parseVkey(this.consent.vkey), parseVkey(this.registry.vkey)],
        this.entries.length,
      );
    } catch {
      return policyOf(this.consent, this.registry);
    }
  }

  async open(consent: TestConsent, shown?: TestLog): Promise<OpenedCase> {
    const statements = await Promise.all(
      consent.statements.map(async ({ jws, index, opening, log }) => ({
        jws,
        proof: await (shown ?? log).proof(index, opening),
      })),
    );
    const salts = {
      fields: toBase64url(consent.salts.fields),
      consentRecord: toBase64url(consent.salts.consentRecord),
    };
    return { statements, consentRecord: consent.consentRecord, fields: consent.fields, salts };
  }
}

export interface OpenedCase {
  statements: { jws: string; proof: string }[];
  consentRecord: string;
  fields: string;
  salts: { fields: string; consentRecord: string };
}

function recordOf(fields: readonly string[], dates: { sendUntil: string; keepUntil: string }): ConsentRecord {
  return {
    purpose: 'health-care',
    fields: [...fields],
    notice: { family: 'refer', version: 1, language: 'fr', sha256: textHash(refer1.fr) },
    language: 'fr',
    modality: 'spoken',
    representation: 'none',
    teachBack: true,
    helpDependsOnConsent: false,
    alternativesOffered: ['come-back-later'],
    day: TODAY,
    ...dates,
  };
}

/** The files and cases as `verifyLogs` reads them. */
export function inputOf(
  trust: TrustFile,
  files: ReadonlyMap<string, Uint8Array>,
  cases: readonly (OpenedCase | Uint8Array)[] = [],
): AuditInput {
  const named = new Map(
    cases.map((opened, i) => [
      `${i + 1}.json`,
      opened instanceof Uint8Array ? opened : utf8(canonicalText(opened)),
    ]),
  );
  return {
    trust,
    log: {
      read: (path) => Promise.resolve(files.get(path)),
      list: () => Promise.resolve([...files.keys()]),
    },
    cases: {
      names: [...named.keys()],
      read: (name) => Promise.resolve(named.get(name) ?? new Uint8Array(0)),
    },
  };
}
