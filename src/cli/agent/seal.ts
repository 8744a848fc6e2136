import {
  findService,
  recordConsent,
  Refused,
  sealReferral,
  type FoundService,
  type PossibleDuplicate,
  type ReferralDraft,
} from '../../client/index.js';
import { fromBase64url } from '../../protocol/encoding/bytes.js';
import { addDays } from '../../protocol/encoding/days.js';
import type { ConsentRecord } from '../../protocol/schemas/consent-record.js';
import type { DraftBody } from './bodies.js';
import type { Member } from './member.js';

export interface DraftAnswer {
  readonly draft: string;
  readonly referral: string;
  /** For the person, at once: it is in this answer and nowhere else. */
  readonly receiptCode: string;
  /** For the guardian, where one was asked for; in this answer and nowhere else. */
  readonly secondCode?: string;
  readonly sendUntil: string;
  readonly keepUntil: string;
  /** Handoffs that the own service has sent, perhaps for the same person. */
  readonly similar: readonly PossibleDuplicate[];
}

/** Records the decision, seals, and writes what is to be sent to the disk, before the code is given out. */
export async function sealDraft(member: Member, body: DraftBody): Promise<DraftAnswer> {
  const { from, record } = body;
  const device = member.ready;
  if (!device.serves(from)) throw new Refused('service-not-served');
  const charter = await device.charter();
  const consent = recordConsent(charter, await device.today(), decisionOf(body));
  const to = await findService(device, body.to);
  const similar = await member.sentBefore.find(from, record);
  const { sealed, receiptCode, secondCode, files } = await sealReferral(device, toSend(body, to, consent));
  const { referral, caseFile } = sealed;
  const { sendUntil, keepUntil } = consent;
  const until = addDays(keepUntil, charter.retentionDays.statements);
  const { priority } = body;
  const saved = { draft: referral, from, to: to.id, priority, sendUntil, keepUntil, until, tried: false };
  await member.drafts.add({ ...saved, sealed, caseFile }, files);
  member.sentBefore.remember(referral, record);
  return {
    draft: referral,
    referral,
    receiptCode,
    ...(secondCode && { secondCode }),
    sendUntil,
    keepUntil,
    similar,
  };
}

function toSend(
  { from, record, priority, kind, word, secondCode, attachments }: DraftBody,
  to: FoundService,
  consent: ConsentRecord,
): ReferralDraft {
  const files = attachments?.map(({ type = '', content }) => ({ type, content: fileOf(content) }));
  return {
    from,
    to,
    consent,
    record,
    priority,
    ...(kind === undefined ? {} : { kind }),
    ...(word === undefined ? {} : { word }),
    ...(secondCode && { secondCode }),
    ...(files === undefined ? {} : { attachments: files }),
  };
}

function fileOf(content: string): Blob {
  return new Blob([fromBase64url(content) as Uint8Array<ArrayBuffer>]);
}

/** Members that are absent stay absent. */
function decisionOf({ consent }: DraftBody): Parameters<typeof recordConsent>[2] {
  const { sendUntilDays, keepUntilDays, interpreter, ...decided } = consent;
  return {
    ...decided,
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(sendUntilDays === undefined ? {} : { sendUntilDays }),
    ...(keepUntilDays === undefined ? {} : { keepUntilDays }),
  };
}
