import { acknowledge, act, Receipt, type Device, type Referral } from '../../../src/client/index.js';
import { newDeviceKeys, publicJwk, type NewDeviceKeys } from '../../../src/client/device/certify.js';
import { referSomebody } from '../../../src/cli/demo/referral.js';
import { idToBytes, newId, randomBytes, toBase64url, utf8 } from '../../../src/protocol/encoding/bytes.js';
import {
  deriveReceipt,
  newCode,
  requireCode,
  type ReceiptKeys,
} from '../../../src/protocol/encoding/codes.js';
import type { EpochKeys, SigningKey } from '../../../src/protocol/crypto/keys.js';
import { KIND, ROLE, type Role } from '../../../src/protocol/envelope/envelope.js';
import { sealEnvelope } from '../../../src/protocol/envelope/seal-envelope.js';
import type { ConsentGiven, HandoffReleased } from '../../../src/protocol/schemas/statements.js';
import type { Payload } from '../../../src/protocol/schemas/signed.js';
import { hashText, sign } from '../../../src/protocol/encoding/signed.js';
import { asOwner } from '../machines/database.js';
import { inDays } from './founders.js';
import type { FoundedServer } from '../machines/process.js';

const RECORD = { calledName: 'Sam', reason: 'A wound on the foot.' };

export interface SignedStatement {
  readonly jws: string;
  readonly opening: string;
}

export interface SendBody {
  readonly referral: string;
  readonly kind: string;
  readonly priority: string;
  readonly statements: readonly SignedStatement[];
  readonly ctx: string;
  readonly wraps: readonly string[];
  readonly body: string;
  readonly person: { readonly box: string; readonly read: string; readonly word: boolean };
}

/**
 * What differs from a send that is right; statements are signed after the change, so only the change is
 * wrong.
 */
export interface SendChange {
  readonly given?: Partial<ConsentGiven>;
  readonly released?: Partial<HandoffReleased>;
  readonly priority?: string;
  /** Keys of the person's code, in place of a fresh one's. */
  readonly person?: ReceiptKeys;
  readonly recipients?: (usual: readonly To[]) => readonly To[];
  readonly envelopeOf?: { readonly referral?: string; readonly consent?: Uint8Array; readonly kind?: 2 };
  /** Whose keys sign and receive, in place of the present epochs'. */
  readonly keys?: { readonly given?: EpochKeys; readonly released?: EpochKeys; readonly to?: EpochKeys };
}

interface To {
  readonly role: Role;
  readonly publicKey: Uint8Array;
}

/** What a send needs of one side: its service, and a device that holds its keys. */
interface Side {
  readonly service: string;
  readonly worker: Pick<Device, 'consentLog' | 'epochOf' | 'today'>;
}

/**
 * A body for `POST /v1/referrals` from La Ruelle to the Clinique, made by hand to the byte, and the person's
 * keys.
 */
export async function givenSend(
  { laRuelle, clinique }: { readonly laRuelle: Side; readonly clinique: Side },
  change: SendChange = {},
): Promise<{ body: SendBody; person: ReceiptKeys; given: ConsentGiven }> {
  const person = change.person ?? (await deriveReceipt(requireCode(newCode())));
  const from = await laRuelle.worker.epochOf(laRuelle.service);
  const to = change.keys?.to ?? (await clinique.worker.epochOf(clinique.service));
  const parties = { from: laRuelle.service, to: clinique.service };
  const given = givenOf(laRuelle.worker.consentLog, await laRuelle.worker.today(), parties, person, change);
  const givenText = sign('consent-statement+jws', JSON.stringify(given), (change.keys?.given ?? from).sign);
  const sender = change.keys?.released ?? from;
  const sealed = seal(givenText, given, { to, sender, person }, change);
  const released: HandoffReleased = {
    ...common(given),
    kind: 'handoff.released',
    prev: toBase64url(hashText(givenText)),
    toKey: toBase64url(to.box.id),
    fields: given.fields,
    digest: toBase64url(sealed.digest),
    ...change.released,
  };
  const releasedText = sign('consent-statement+jws', JSON.stringify(released), sender.sign);
  return { body: bodyOf(given, [givenText, releasedText], sealed, person, change), person, given };
}

function givenOf(
  log: string,
  today: string,
  parties: { from: string; to: string },
  person: ReceiptKeys,
  { given }: SendChange,
): ConsentGiven {
  const day = given?.day ?? today;
  return {
    log,
    kind: 'consent.given',
    consent: newId(),
    referral: newId(),
    prev: null,
    day,
    ...parties,
    purpose: 'health-care',
    notice: 'refer@1',
    sendUntil: inDays(day, 14),
    keepUntil: inDays(day, 120),
    person: toBase64url(person.sign.publicKey),
    personBox: toBase64url(person.box.id),
    fields: toBase64url(randomBytes(32)),
    consentRecord: toBase64url(randomBytes(32)),
    ...given,
  };
}

function common({ log, consent, referral, day }: ConsentGiven) {
  return { log, consent, referral, day };
}

function seal(
  givenText: string,
  { referral }: ConsentGiven,
  keys: { to: EpochKeys; sender: EpochKeys; person: ReceiptKeys },
  { recipients = (usual) => usual, envelopeOf = {} }: SendChange,
) {
  return sealEnvelope({
    kind: envelopeOf.kind ?? KIND.handoff,
    referral: idToBytes(envelopeOf.referral ?? referral),
    consent: envelopeOf.consent ?? hashText(givenText),
    recipients: recipients([
      { role: ROLE.receiver, publicKey: keys.to.box.publicKey },
      { role: ROLE.sender, publicKey: keys.sender.box.publicKey },
      { role: ROLE.person, publicKey: keys.person.box.publicKey },
    ]),
    content: () => utf8('whatever is sealed, the server cannot see it'),
  });
}

function bodyOf(
  given: ConsentGiven,
  texts: readonly string[],
  sealed: ReturnType<typeof sealEnvelope>,
  person: ReceiptKeys,
  { priority = 'routine' }: SendChange,
): SendBody {
  return {
    referral: given.referral,
    kind: 'referral',
    priority,
    statements: texts.map(withOpening),
    ctx: toBase64url(sealed.ctx),
    wraps: sealed.wraps.map(toBase64url),
    body: toBase64url(sealed.body),
    person: {
      box: toBase64url(person.box.publicKey),
      read: toBase64url(person.read.publicKey),
      word: false,
    },
  };
}

export function withOpening(jws: string): SignedStatement {
  return { jws, opening: toBase64url(randomBytes(32)) };
}

/** Posts as a device does, with an Idempotency-Key of its own unless one is given. */
export async function post<T = Referral>(
  device: Device,
  path: string,
  body: object,
  idempotencyKey: string = newId(),
): Promise<T> {
  return device.session.json<T>({ method: 'POST', path, idempotencyKey, body });
}

export async function postSend(device: Device, body: object, idempotencyKey?: string): Promise<Referral> {
  return post(device, '/v1/referrals', body, idempotencyKey);
}

export async function postAct(device: Device, referral: string, body: object): Promise<Referral> {
  return post(device, `/v1/referrals/${referral}/transitions`, body);
}

/** A statement of the chain of `texts`, signed by whichever key, changed in whichever member. */
export function statementAfter(
  texts: readonly string[],
  given: ConsentGiven,
  added: Partial<Payload<'consent-statement+jws'>> & { readonly kind: string },
  key: SigningKey,
): SignedStatement {
  const previous = added.kind === 'consent.withdrawn' ? texts[0] : texts.at(-1);
  const payload = { ...common(given), prev: toBase64url(hashText(previous ?? '')), ...added };
  return withOpening(sign('consent-statement+jws', JSON.stringify(payload), key));
}

/** The person's own withdrawal of a sent consent. */
export function withdrawalOf(
  texts: readonly string[],
  given: ConsentGiven,
  key: SigningKey,
  change: object = {},
): SignedStatement {
  const added = { kind: 'consent.withdrawn', means: 'own-code', by: 'person', ...change } as const;
  return statementAfter(texts, given, added, key);
}

/** The answer of the person's door, where nobody needs a token. */
export async function postWithdrawal(
  { address }: FoundedServer,
  statement: SignedStatement,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${address}/v1/receipts/withdrawals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ statement }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export type Stage =
  | 'requested'
  | 'received'
  | 'accepted'
  | 'in-progress'
  | 'on-hold'
  | 'completed'
  | 'failed'
  | 'rejected'
  | 'cancelled';

const DECLINE = { event: 'decline', statusReason: 'no-capacity' } as const;
const RECALL = { event: 'recall', statusReason: 'sent-by-mistake' } as const;
const HOLD = { event: 'hold', statusReason: 'waitlisted', reviewOn: '2999-01-01' } as const;
const WAY = {
  requested: [],
  received: [],
  accepted: [{ event: 'accept' }],
  'in-progress': [{ event: 'accept' }, { event: 'start' }],
  'on-hold': [{ event: 'accept' }, HOLD],
  completed: [{ event: 'accept' }, { event: 'complete', outcome: 'service-provided' }],
  failed: [{ event: 'accept' }, { event: 'fail', statusReason: 'could-not-contact' }],
  rejected: [DECLINE],
  cancelled: [RECALL],
} as const;
export const STAGES = Object.keys(WAY) as Stage[];

export interface GivenReferral {
  readonly referral: string;
  readonly receipt: Receipt;
}

/** A referral from La Ruelle to the Clinique, really sealed, brought to where a test wants it. */
export async function givenReferral(
  { network, address }: FoundedServer,
  stage: Stage = 'requested',
  kind?: 'transfer',
): Promise<GivenReferral> {
  const { referral, receiptCode } = await referSomebody(network, RECORD, kind);
  const [sender, receiver] = [network.laRuelle.worker, network.clinique.worker];
  if (!['requested', 'rejected', 'cancelled'].includes(stage)) await acknowledge(receiver, referral);
  for (const step of WAY[stage]) await act(step.event === 'recall' ? sender : receiver, referral, step);
  return { referral, receipt: await Receipt.fromCode(address, receiptCode) };
}

/** What the database still holds of what was passed on: handoff, wraps, statements of a referral. */
export async function storedOf(
  { urls }: Pick<FoundedServer, 'urls'>,
  referral: string,
): Promise<{ handoffs: number; wraps: number; statements: number }> {
  const count = (table: string) => `(SELECT count(*) FROM ${table} WHERE referral = '${referral}')::int`;
  const [row] = await asOwner<{ handoffs: number; wraps: number; statements: number }>(
    urls,
    `SELECT ${count('handoff')} AS handoffs, ${count('handoff_wrap')} AS wraps, ${count('statement')} AS statements`,
  );
  if (!row) throw new Error('a count without a row');
  return row;
}

/** The keys of a new device, and its request to be certified, signed by whatever code. */
export function requestBy(codeKey: SigningKey, network: string): { keys: NewDeviceKeys; request: string } {
  const keys = newDeviceKeys();
  const payload = {
    network,
    auth: publicJwk(keys.auth),
    key: toBase64url(keys.sign.publicKey),
    box: toBase64url(keys.box.publicKey),
    boxId: toBase64url(keys.box.id),
  };
  return { keys, request: sign('device-request+jws', payload, codeKey) };
}

/** Code of each refusal among many calls at once, and how many were taken. */
export async function outcomesOf(
  calls: readonly Promise<unknown>[],
): Promise<{ taken: number; refused: string[] }> {
  const settled = await Promise.allSettled(calls);
  const refused = settled.flatMap((each) =>
    each.status === 'rejected' ? [String((each.reason as { code?: unknown }).code)] : [],
  );
  return { taken: settled.length - refused.length, refused };
}
