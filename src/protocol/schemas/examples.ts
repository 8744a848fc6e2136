import { DEFAULT_QUOTAS, defaultCharter } from '../registry/charter.js';
import type { Charter } from './charter.js';
import type { ConsentRecord } from './consent-record.js';
import type { HandoffRecord } from './handoff-record.js';
import type { Payload, SignedTyp } from './signed.js';
import type { ConsentGiven, ConsentStatement } from './statements.js';
import type { CaseFile, TrustFile } from './trust.js';
import type { Welcome } from './welcome.js';

/**
 * One complete example of everything that is signed or sealed, optional members included. Every name is
 * invented; keys and hashes are published test values (RFC 8037, appendix A; SHA-256 of nothing).
 */
const NETWORK = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const LOG = `relais-${NETWORK}/consent`;
const SEUIL = { id: '11111111-2222-3333-4444-555555555555', name: 'Association du Seuil (fictive)' };
const ACCUEIL = { id: '66666666-7777-8888-9999-aaaaaaaaaaaa', name: 'Accueil de jour du Seuil' };
const NOORD = 'bbbbbbbb-cccc-dddd-eeee-ffffffffffff';
const DEVICE = '01234567-89ab-cdef-0123-456789abcdef';
const CONSENT = 'c0ffee00-0000-4000-8000-000000000001';
const REFERRAL = '5eed0000-0000-4000-8000-000000000002';

const KEY = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const HASH = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
/** 1216 zero bytes: the form of an X-Wing key, and no key that anybody holds. */
const BOX = 'A'.repeat(1622);
const SEALED_SEED = 'A'.repeat(1558);
const JWS = 'eyJhbGciOiJFZDI1NTE5In0.e30.c2lnbmF0dXJl';

const MONTH = { from: '2026-11-01', until: '2026-11-30' };
const AUTH = { kty: 'OKP', crv: 'Ed25519', x: KEY } as const;
const SALTS = { fields: HASH, consentRecord: HASH };
const FIELDS = ['calledName', 'contactMode', 'reason'];

const BOUNDS = {
  purpose: 'housing-orientation',
  notice: 'refer@1',
  sendUntil: '2026-12-07',
  keepUntil: '2027-03-23',
} as const;
const about = { log: LOG, consent: CONSENT, referral: REFERRAL, day: '2026-11-23' } as const;
const after = { ...about, prev: HASH } as const;

const GIVEN: ConsentGiven = {
  ...about,
  kind: 'consent.given',
  prev: null,
  from: ACCUEIL.id,
  to: NOORD,
  ...BOUNDS,
  person: KEY,
  personBox: HASH,
  fields: HASH,
  consentRecord: HASH,
  own: HASH,
};

/** One statement of each kind, by its kind. */
export const STATEMENT_EXAMPLES: {
  readonly [S in ConsentStatement as S['kind']]: S;
} = {
  'consent.given': GIVEN,
  'handoff.released': { ...after, kind: 'handoff.released', toKey: HASH, fields: HASH, digest: HASH },
  'handoff.received': { ...after, kind: 'handoff.received' },
  'consent.renewed': { ...after, kind: 'consent.renewed', keepUntil: '2027-06-30' },
  'consent.withdrawn': { ...after, kind: 'consent.withdrawn', means: 'own-code', by: 'person' },
  'consent.invalidated': { ...after, kind: 'consent.invalidated', reason: 'wrong-service', decision: HASH },
  'erasure.done': {
    log: LOG,
    kind: 'erasure.done',
    service: NOORD,
    day: '2027-03-24',
    leaves: [
      [2026, 17],
      [2026, 23],
    ],
  },
};

export const CONSENT_RECORD_EXAMPLE: ConsentRecord = {
  purpose: 'housing-orientation',
  fields: FIELDS,
  notice: { family: 'refer', version: 1, language: 'fr', sha256: HASH },
  language: 'fr',
  modality: 'spoken-via-interpreter',
  interpreter: 'interpreter-service-04',
  representation: 'none',
  teachBack: true,
  helpDependsOnConsent: false,
  alternativesOffered: ['anonymous-call', 'come-back-later'],
  day: '2026-11-23',
  sendUntil: '2026-12-07',
  keepUntil: '2027-03-23',
};

export const HANDOFF_RECORD_EXAMPLE: HandoffRecord = {
  calledName: 'Sam',
  contactMode: { mode: 'via-referrer', safeTimes: 'weekday mornings', mayLeaveMessage: false },
  contactValue: 'at the desk of the day centre',
  spokenLanguages: ['ti', 'fr'],
  interpreterNeeded: true,
  servicesRequested: ['a first talk about housing'],
  reason: 'Looks for a place to live before the winter.',
  alreadyDone: ['put on the list of the commune'],
  safetyNotes: 'Does not want letters.',
  referrerContact: 'the day centre, weekdays from nine to noon',
  ageBand: '25–34',
  minorCaregiver: 'no',
  genderPronouns: 'they',
  household: 'alone',
  accessibilityNeeds: ['no stairs'],
  commune: 'no fixed place',
  documentsHeld: ['annexe 26'],
  relevantHealthFacts: 'Takes medicine in the evening.',
  desiredOutcome: 'A room of their own.',
  availability: 'after four o’clock',
  attachments: [
    { id: '0a77ac4e-0000-4000-8000-000000000003', key: HASH, sha256: HASH, size: 48_211, type: 'image/png' },
  ],
  answers: { 'pets-with-you': 'A small dog.' },
};

/** One payload of each kind of signed object; the statement is the first of a consent. */
export const SIGNED_EXAMPLES: { readonly [K in SignedTyp]: Payload<K> } = {
  'organisation+jws': { network: NETWORK, organisation: SEUIL.id, name: SEUIL.name, key: KEY },
  'coordinator-key+jws': { network: NETWORK, organisation: SEUIL.id, key: KEY, ...MONTH },
  'service-key+jws': {
    network: NETWORK,
    organisation: SEUIL,
    service: ACCUEIL,
    epoch: '2026-11.2',
    box: BOX,
    boxId: HASH,
    key: KEY,
    ...MONTH,
    previous: HASH,
    revocation: HASH,
  },
  'revocation+jws': {
    network: NETWORK,
    organisation: SEUIL.id,
    key: THUMBPRINT,
    from: '2026-11-25',
    reason: 'device-lost',
    decision: HASH,
  },
  'witness+jws': {
    network: NETWORK,
    organisation: SEUIL.id,
    key: KEY,
    url: 'https://witness.example.org/relais',
    from: '2026-11-25',
  },
  'log-restored+jws': {
    network: NETWORK,
    key: KEY,
    consent: { origin: `${LOG}/2026`, size: 1216, root: HASH },
    entries: 42,
    from: '2026-11-27',
  },
  'log-key+jws': {
    network: NETWORK,
    key: KEY,
    consent: `${LOG}/2027+6beb4fed+ATtqJ7zNtrovHuWRXNcB4hVFnaQCLuGXZK4uQ7c8ZzkB`,
    registry: `relais-${NETWORK}/registry/2027+6beb4fed+ATtqJ7zNtrovHuWRXNcB4hVFnaQCLuGXZK4uQ7c8ZzkB`,
    from: '2027-01-01',
  },
  'log-opening+jws': {
    network: NETWORK,
    key: KEY,
    consent: { origin: `${LOG}/2026`, size: 98304, root: HASH },
    registry: { origin: `relais-${NETWORK}/registry/2026`, size: 212, root: HASH },
    from: '2027-01-01',
  },
  'web-app+jws': { network: NETWORK, organisation: SEUIL.id, manifest: HASH, from: '2026-11-26' },
  'agreement+jws': {
    network: NETWORK,
    agreement: 'a9900000-0000-4000-8000-000000000003',
    parties: [SEUIL.id, NOORD],
    routes: [{ from: ACCUEIL.id, to: NOORD }],
    purposes: ['housing-orientation'],
    kind: 'referral',
    from: '2026-12-01',
    until: '2027-11-30',
    noticeDays: 30,
    textHash: HASH,
    language: 'fr',
  },
  'agreement-end+jws': {
    network: NETWORK,
    agreement: 'a9900000-0000-4000-8000-000000000003',
    organisation: SEUIL.id,
    from: '2027-06-01',
  },
  'charter+jws': {
    network: NETWORK,
    version: 2,
    textHash: HASH,
    from: '2027-01-01',
    previous: HASH,
    decision: HASH,
  },
  'device-certificate+jws': {
    network: NETWORK,
    organisation: SEUIL.id,
    device: DEVICE,
    role: 'worker',
    services: [ACCUEIL.id],
    auth: AUTH,
    key: KEY,
    boxId: HASH,
    from: '2026-10-01',
    until: '2027-03-29',
  },
  'device-request+jws': { network: NETWORK, auth: AUTH, key: KEY, box: BOX, boxId: HASH },
  'device-revocation+jws': {
    network: NETWORK,
    organisation: SEUIL.id,
    device: DEVICE,
    from: '2026-11-25',
    reason: 'device-lost',
  },
  'key-grant+jws': {
    network: NETWORK,
    service: ACCUEIL.id,
    epoch: '2026-11.2',
    boxId: HASH,
    deviceBoxId: HASH,
    sealed: SEALED_SEED,
  },
  'confirmation+jws': { network: NETWORK, organisation: SEUIL.id, statement: HASH },
  'consent-statement+jws': GIVEN,
  'consent-word+jws': {
    ...about,
    from: ACCUEIL.id,
    to: NOORD,
    ...BOUNDS,
    fields: HASH,
    consentRecord: HASH,
  },
  'handoff+jws': {
    ctx: HASH,
    record: { calledName: 'Sam', contactMode: { mode: 'via-referrer' }, reason: 'Looks for a room.' },
    consentRecord: JSON.stringify(CONSENT_RECORD_EXAMPLE),
    fields: JSON.stringify(FIELDS),
    salts: SALTS,
    certificate: JWS,
  },
  'message+jws': {
    ctx: HASH,
    day: '2026-11-24',
    number: 1,
    previous: null,
    text: 'Can Sam come on Thursday at ten?',
    certificate: JWS,
  },
};

export const CHARTER_EXAMPLE: Charter = {
  ...defaultCharter('Relais de démonstration', [{ organisation: SEUIL.id, root: THUMBPRINT }]),
  quotas: { ...DEFAULT_QUOTAS },
};

export const WELCOME_EXAMPLE: Welcome = {
  issuer: 'https://relais.example',
  network: NETWORK,
  policy: `log relais-${NETWORK}/consent/2026+00000000+AQ==\nquorum none\n`,
  organisation: { ...SEUIL, key: KEY },
  checkpoint: `relais-${NETWORK}/registry/2026\n11\nAAAA\n`,
};

export const TRUST_EXAMPLE: TrustFile = {
  network: NETWORK,
  logs: {
    consent: [`relais-${NETWORK}/consent/2026+00000000+AQ==`],
    registry: [`relais-${NETWORK}/registry/2026+00000000+AQ==`],
  },
  roots: [THUMBPRINT],
  policy: 'quorum none\n',
};

export const CASE_EXAMPLE: CaseFile = {
  statements: [{ jws: JWS, proof: 'c2sp.org/tlog-proof@v1\n' }],
  consentRecord: JSON.stringify(CONSENT_RECORD_EXAMPLE),
  fields: JSON.stringify(FIELDS),
  salts: SALTS,
};
