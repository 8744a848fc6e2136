import { PART_BYTES, partCount } from '../../protocol/envelope/attachment.js';
import { fromBase64url, toBase64url } from '../../protocol/encoding/bytes.js';
import { refuse } from '../../protocol/encoding/errors.js';
import { openAttachment } from '../../protocol/envelope/open-attachment.js';
import type { OpenedHandoff } from '../../protocol/handoff/open-handoff.js';
import type { Attachment } from '../../protocol/schemas/handoff-record.js';
import { hashText } from '../../protocol/encoding/signed.js';
import type { Device } from '../device/device.js';
import type { SealedFile } from './seal.js';
import type { Session } from '../device/session.js';

export type { Attachment };

/** Parts under way at once: some 128 KiB each. */
const IN_FLIGHT = 3;

interface UploadAnswer {
  readonly received: readonly number[];
}

/**
 * Uploads a sealed file in parts, before its referral is sent. Whatever interrupts it, calling it again with
 * the same file goes on with the parts that are missing. Within a day of the first part the referral must be
 * sent.
 * @throws Problem `not_found` for a service that is not this device's, `storage_full`
 * @example
 * const draft = { from: service, to: target, consent, record, priority: 'routine' } as const;
 * const attachments = [{ content: new Blob(['…']), type: 'text/plain' }];
 * const { sealed, files } = await sealReferral(device, { ...draft, attachments });
 * for (const file of files) await uploadAttachment(device, file);
 * await sendReferral(device, sealed);
 */
export async function uploadAttachment(device: Device, { upload, body }: SealedFile): Promise<void> {
  const { session } = device;
  const idempotencyKey = upload.attachment;
  const wanted = { ...upload, size: body.size };
  await session.send({ method: 'POST', path: '/v1/attachments', idempotencyKey, body: wanted });
  const path = `/v1/attachments/${upload.attachment}`;
  const { received } = await session.json<UploadAnswer>({ method: 'GET', path });
  const numbers = Array.from({ length: partCount(body.size) }, (_, n) => n);
  const missing = numbers.filter((number) => !received.includes(number)).values();
  const work = async (): Promise<void> => {
    for (const number of missing) await uploadPart(device, { upload, body }, number);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

async function uploadPart(device: Device, { upload, body }: SealedFile, number: number): Promise<void> {
  const part = await body.slice(number * PART_BYTES, (number + 1) * PART_BYTES).arrayBuffer();
  await device.session.send({
    method: 'POST',
    path: `/v1/attachments/${upload.attachment}/parts`,
    idempotencyKey: `${upload.attachment}.${number}`,
    body: { number, bytes: toBase64url(new Uint8Array(part)) },
  });
}

/**
 * What an opened record says of the files that came with it.
 * @example
 * for (const { type, size } of attachmentsOf(opened)) show(type, size);
 */
export function attachmentsOf({ record }: Pick<OpenedHandoff, 'record'>): readonly Attachment[] {
  return (record['attachments'] ?? []) as readonly Attachment[];
}

/**
 * Downloads and opens one of the files that an opened record names, chunk by chunk; nothing is given before
 * the last check. Refuses, with the checks of `openAttachment`, whatever is not what the record says to the
 * byte.
 * @throws Refused `attachment-length`, `attachment-hash`, or any other check of its opening; Problem
 * `not_found` once it is erased
 * @example
 * const [attachment] = attachmentsOf(opened);
 * if (attachment) show(await downloadAttachment(device, opened, attachment));
 */
export async function downloadAttachment(
  device: Device,
  { chain }: Pick<OpenedHandoff, 'chain'>,
  attachment: Attachment,
): Promise<Blob> {
  const { given, givenText } = chain;
  const of = { referral: given.referral, consent: hashText(givenText) };
  return openAttachment(attachment, of, downloadParts(device.session, '/v1/attachments', attachment));
}

/** The parts in their order, a few of them fetched ahead. */
export async function* downloadParts(
  session: Pick<Session, 'json'>,
  below: string,
  attachment: Attachment,
): AsyncGenerator<Uint8Array> {
  const path = `${below}/${attachment.id}`;
  const { size } = await session.json<{ size: number }>({ method: 'GET', path });
  const fetchPart = async (number: number): Promise<Uint8Array> => {
    const call = { method: 'GET', path: `${path}/parts/${number}` } as const;
    return fromBase64url((await session.json<{ bytes: string }>(call)).bytes);
  };
  const count = partCount(size);
  const ahead: Promise<Uint8Array>[] = [];
  for (let next = 0, given = 0; given < count; given++) {
    while (next < count && next < given + IN_FLIGHT) ahead.push(quiet(fetchPart(next++)));
    yield (await ahead.shift()) ?? refuse('attachment-length');
  }
}

/** A part that fails is told when its turn comes; one that nobody asks for any more is nobody's fault. */
function quiet(part: Promise<Uint8Array>): Promise<Uint8Array> {
  part.catch(() => undefined);
  return part;
}
