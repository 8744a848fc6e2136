import { newId, randomBytes, toBase64url, idToBytes } from '../../src/protocol/bytes.js';
import { boxKeyId, signingKey, type EpochKeys } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { digestOf, makeContext, KIND, ROLE } from '../../src/protocol/envelope.js';
import { hashText, sign } from '../../src/protocol/signed.js';
import type { DemoNetwork } from '../../src/cli/demo/network.js';
import { inDays } from '../support/founders.js';

/** Sealed bytes of a 4 KiB content. */
const BODY_BYTES = 4176;
const WRAP_BYTES = 1168;

export interface SendMaker {
  /** A body for `POST /v1/referrals`: rightly signed; what is sealed is noise, which the server cannot tell. */
  make(): { readonly referral: string; readonly body: string };
}

export async function sendMaker({ laRuelle, clinique }: DemoNetwork): Promise<SendMaker> {
  const from = await laRuelle.worker.epochOf(laRuelle.service);
  const to = await clinique.worker.epochOf(clinique.service);
  const day = await laRuelle.worker.today();
  const common = { log: laRuelle.worker.consentLog, day };
  const parties = { from: laRuelle.service, to: clinique.service };
  const person = signingKey(randomBytes(32));
  return { make: () => makeSend({ common, parties, from, to, readKey: toBase64url(person.publicKey) }) };
}

interface Between {
  readonly common: { readonly log: string; readonly day: string };
  readonly parties: { readonly from: string; readonly to: string };
  readonly from: EpochKeys;
  readonly to: EpochKeys;
  readonly readKey: string;
}

function makeSend({ common, parties, from, to, readKey }: Between) {
  const [referral, consent] = [newId(), newId()];
  const box = randomBytes(1216);
  const about = { ...common, referral, consent };
  const fields = toBase64url(randomBytes(32));
  const given = sign(
    'consent-statement+jws',
    {
      ...about,
      kind: 'consent.given',
      prev: null,
      ...parties,
      purpose: 'health-care',
      notice: 'refer@1',
      sendUntil: inDays(common.day, 14),
      keepUntil: inDays(common.day, 120),
      person: toBase64url(signingKey(randomBytes(32)).publicKey),
      personBox: toBase64url(boxKeyId(box)),
      fields,
      consentRecord: toBase64url(randomBytes(32)),
    },
    from.sign,
  );
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
  const wraps = [0, 1, 2].map(() => randomBytes(WRAP_BYTES));
  const body = randomBytes(BODY_BYTES);
  const released = sign(
    'consent-statement+jws',
    {
      ...about,
      kind: 'handoff.released',
      prev: toBase64url(hashText(given)),
      toKey: toBase64url(to.box.id),
      fields,
      digest: toBase64url(digestOf(sha256(ctx), body, wraps.map(sha256))),
    },
    from.sign,
  );
  const send = {
    referral,
    kind: 'referral',
    priority: 'routine',
    statements: [given, released].map((jws) => ({ jws, opening: toBase64url(randomBytes(32)) })),
    ctx: toBase64url(ctx),
    wraps: wraps.map(toBase64url),
    body: toBase64url(body),
    person: { box: toBase64url(box), read: readKey, word: false },
  };
  return { referral, body: JSON.stringify(send) };
}
