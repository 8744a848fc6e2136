import { newId, randomBytes, toBase64url, idToBytes } from '../../src/protocol/encoding/bytes.js';
import { boxKeyId, signingKey, type EpochKeys } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { digestOf, makeContext, KIND, ROLE } from '../../src/protocol/envelope/envelope.js';
import { hashText, sign } from '../../src/protocol/encoding/signed.js';
import type { DemoNetwork } from '../../src/cli/demo/network.js';
import { inDays } from '../support/network/founders.js';

/** Sealed bytes of a 4 KiB content. */
const BODY_BYTES = 4176;
const WRAP_BYTES = 1168;
const SECOND_BYTES = 1232;
const FIELDS = toBase64url(new Uint8Array(32));

export interface SendMaker {
  /**
   * A body for `POST /v1/referrals`: rightly signed; what is sealed is noise, which the server cannot tell.
   */
  make(): { readonly referral: string; readonly body: string };
}

export async function sendMaker({ laRuelle, clinique }: DemoNetwork): Promise<SendMaker> {
  const from = await laRuelle.worker.epochOf(laRuelle.service);
  const to = await clinique.worker.epochOf(clinique.service);
  const day = await laRuelle.worker.today();
  const common = { log: laRuelle.worker.consentLog, day };
  const parties = { from: laRuelle.service, to: clinique.service };
  return { make: () => makeSend({ common, parties, from, to }) };
}

interface Between {
  readonly common: { readonly log: string; readonly day: string };
  readonly parties: { readonly from: string; readonly to: string };
  readonly from: EpochKeys;
  readonly to: EpochKeys;
}

function makeSend(between: Between) {
  const [referral, consent] = [newId(), newId()];
  const box = randomBytes(1216);
  const about = { ...between.common, referral, consent };
  const given = sign('consent-statement+jws', givenOf(about, between.parties, box), between.from.sign);
  const sealed = noise(referral, given, between, box);
  const released = {
    ...about,
    kind: 'handoff.released',
    prev: toBase64url(hashText(given)),
    toKey: toBase64url(between.to.box.id),
    fields: FIELDS,
    digest: toBase64url(digestOf(sha256(sealed.ctx), sealed.body, sealed.wraps.map(sha256))),
  } as const;
  const statements = [given, sign('consent-statement+jws', released, between.from.sign)];
  const send = {
    referral,
    kind: 'referral',
    priority: 'routine',
    statements: statements.map((jws) => ({ jws, opening: toBase64url(randomBytes(32)) })),
    ctx: toBase64url(sealed.ctx),
    wraps: sealed.wraps.map(toBase64url),
    body: toBase64url(sealed.body),
    person: personOf(box),
  };
  return { referral, body: JSON.stringify(send) };
}

/** What every client sends: a second code, or noise of its form. */
function personOf(box: Uint8Array) {
  return {
    box: toBase64url(box),
    read: toBase64url(signingKey(randomBytes(32)).publicKey),
    word: false,
    second: { kid: toBase64url(randomBytes(32)), sealed: toBase64url(randomBytes(SECOND_BYTES)) },
  };
}

interface About {
  readonly log: string;
  readonly day: string;
  readonly referral: string;
  readonly consent: string;
}

function givenOf(about: About, parties: Between['parties'], box: Uint8Array) {
  return {
    ...about,
    kind: 'consent.given',
    prev: null,
    ...parties,
    purpose: 'health-care',
    notice: 'refer@1',
    sendUntil: inDays(about.day, 14),
    keepUntil: inDays(about.day, 120),
    person: toBase64url(signingKey(randomBytes(32)).publicKey),
    personBox: toBase64url(boxKeyId(box)),
    fields: FIELDS,
    consentRecord: toBase64url(randomBytes(32)),
  } as const;
}

function noise(referral: string, given: string, { from, to }: Between, box: Uint8Array) {
  const ctx = makeContext({
    kind: KIND.handoff,
    referral: idToBytes(referral),
    envelope: randomBytes(16),
    consent: hashText(given),
    recipients: [
      { role: ROLE.receiver, keyId: to.box.id },
      { role: ROLE.sender, keyId: from.box.id },
      { role: ROLE.person, keyId: boxKeyId(box) },
    ],
  });
  return { ctx, wraps: [0, 1, 2].map(() => randomBytes(WRAP_BYTES)), body: randomBytes(BODY_BYTES) };
}
