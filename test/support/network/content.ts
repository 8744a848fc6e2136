import { findService, recordConsent, sealReferral, type SealResult } from '../../../src/client/index.js';
import type { DemoNetwork } from '../../../src/cli/demo/network.js';
import { idToBytes, newId, toBase64url, utf8 } from '../../../src/protocol/encoding/bytes.js';
import type { ReceiptKeys } from '../../../src/protocol/encoding/codes.js';
import { KIND, ROLE } from '../../../src/protocol/envelope/envelope.js';
import { sealEnvelope } from '../../../src/protocol/envelope/seal-envelope.js';
import { hashText } from '../../../src/protocol/encoding/signed.js';
import { asOwner } from '../machines/database.js';
import { DECISION } from './drafts.js';
import type { SendBody } from './makers.js';
import type { FoundedServer } from '../machines/process.js';

/** A file of so many bytes, none like the other. */
export function givenFile(size: number, type = 'application/pdf'): { content: Blob; type: string } {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return { content: new Blob([bytes]), type };
}

/** A referral from La Ruelle to the Clinique, sealed with these files; nothing of it has left the device. */
export async function sealWithFiles(
  { laRuelle, clinique }: DemoNetwork,
  attachments: readonly { readonly content: Blob; readonly type: string }[],
): Promise<SealResult> {
  const { worker, service } = laRuelle;
  const decision = { ...DECISION, fields: ['calledName', 'attachments'] };
  const consent = recordConsent(await worker.charter(), await worker.today(), decision);
  const to = await findService(worker, clinique.service);
  const record = { calledName: 'Sam' };
  return sealReferral(worker, { from: service, to, consent, record, priority: 'routine', attachments });
}

/** The body of a message of a sent referral, as the server takes it; what is in it, no server can see. */
export async function givenMessage(
  { laRuelle, clinique }: DemoNetwork,
  sent: { readonly body: Pick<SendBody, 'referral' | 'statements'>; readonly person: ReceiptKeys },
  place = 0,
  change: {
    readonly referral?: string;
    readonly kind?: 1;
    readonly receiver?: Uint8Array;
  } = {},
): Promise<{ place: number; ctx: string; wraps: string[]; body: string }> {
  const source = await laRuelle.worker.epochOf(laRuelle.service);
  const target = await clinique.worker.epochOf(clinique.service);
  const { ctx, wraps, body } = sealEnvelope({
    kind: change.kind ?? KIND.message,
    referral: idToBytes(change.referral ?? sent.body.referral),
    consent: hashText(sent.body.statements[0]?.jws ?? ''),
    recipients: [
      { role: ROLE.receiver, publicKey: change.receiver ?? target.box.publicKey },
      { role: ROLE.sender, publicKey: source.box.publicKey },
      { role: ROLE.person, publicKey: sent.person.box.publicKey },
    ],
    content: () => utf8('whatever is sealed, the server cannot see it'),
  });
  return { place, ctx: toBase64url(ctx), wraps: wraps.map(toBase64url), body: toBase64url(body) };
}

/** Begins the upload of a file that has one part; nothing else of it is sent yet. */
export function givenUpload(
  service: string,
  referral = newId(),
): { attachment: string; referral: string; service: string; size: number } {
  return { attachment: newId(), referral, service, size: 4176 };
}

/** Rows of all that is kept beside a handoff. */
export async function contentOf({ urls }: FoundedServer, referral: string): Promise<Record<string, number>> {
  const of = `WHERE referral = '${referral}'`;
  const [row] = await asOwner<Record<string, number>>(
    urls,
    `SELECT (SELECT count(*) FROM message ${of})::int AS messages, (SELECT count(*) FROM attachment ${of})::int AS attachments,
      (SELECT count(*) FROM attachment_part p JOIN attachment a ON a.id = p.attachment ${of})::int AS parts`,
  );
  return row ?? {};
}

export const NOTHING = { messages: 0, attachments: 0, parts: 0 };
