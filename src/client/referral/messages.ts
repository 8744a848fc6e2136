import { sha256 } from '#sha256';
import { fromBase64url, newId, toBase64url } from '../../protocol/encoding/bytes.js';
import { boxKeyId } from '../../protocol/crypto/keys.js';
import { ROLE } from '../../protocol/envelope/envelope.js';
import { Refused, refuse } from '../../protocol/encoding/errors.js';
import { requireStanding } from '../../protocol/handoff/open-handoff.js';
import { openMessage } from '../../protocol/handoff/open-message.js';
import { sealMessage } from '../../protocol/handoff/seal-message.js';
import { hashText } from '../../protocol/encoding/signed.js';
import type { Side, ThreadEntry } from '../../protocol/handoff/thread.js';
import type { Device } from '../device/device.js';
import { Problem } from '../device/problem.js';
import { act } from './acts.js';
import { getReferral } from './list.js';
import { verifyReferral, type VerifiedReferral } from './proofs.js';
import { presentBox, presentCertificate } from './seal.js';

/** A message as it was written: by which side, on which day by its author's calendar. */
export interface ReadMessage {
  readonly side: Side;
  readonly day: string;
  readonly text: string;
  /** The person asks for a correction: to be withdrawn, and written anew with them. */
  readonly kind?: 'correction';
}

/**
 * A message that does not hold: `message-previous` where one is missing, came twice or in another order,
 * `message-number` where it does not count on, or any other check of its opening. Nothing of it is shown;
 * what follows it is.
 */
export interface RefusedMessage {
  readonly side: null;
  readonly refused: string;
}

interface SealedItem {
  readonly place: number;
  readonly ctx: string;
  readonly wrap: string;
  readonly body: string;
}

interface Page {
  readonly role: number;
  readonly personBox: string;
  readonly items: readonly SealedItem[];
  readonly next?: string;
}

interface Thread {
  readonly entries: readonly ThreadEntry[];
  readonly messages: readonly (ReadMessage | RefusedMessage)[];
  readonly personBox: Uint8Array;
}

/** How often a message is sealed again because somebody wrote at the same moment. */
const ATTEMPTS = 10;

/**
 * Every message of a referral in its order, each opened with every check of docs/protocol/handoff.md,
 * *Messages*.
 * @throws Refused `withdrawn`, `referral`
 * @example
 * for (const message of await listMessages(device, referral))
 *   show(message.side === null ? message.refused : message.text);
 */
export async function listMessages(
  device: Device,
  referral: string,
): Promise<readonly (ReadMessage | RefusedMessage)[]> {
  const verified = await verifyReferral(device, referral);
  requireStanding(verified.chain);
  return (await readThread(device, verified)).messages;
}

/**
 * Writes to the other service and the person. A message names the last one that its author has seen; where
 * somebody was faster, the thread is read again and the message sealed anew. The source's message ends the
 * question (`request-info`) that waits for it. After `Unreachable` it may have arrived: `listMessages` tells.
 * @throws Refused `text`, `too-large`, `withdrawn`, `person-box`; Problem `chain_moved` where others write
 * all the time
 * @example
 * await sendMessage(device, referral, 'Le rendez-vous est mardi à 10 h.');
 */
export async function sendMessage(device: Device, referral: string, text: string): Promise<void> {
  const verified = await verifyReferral(device, referral);
  requireStanding(verified.chain);
  await postMessage(device, verified, text);
  await endQuestion(device, verified);
}

async function postMessage(device: Device, verified: VerifiedReferral, text: string): Promise<void> {
  const path = `/v1/referrals/${verified.chain.given.referral}/messages`;
  for (let attempt = 1; ; attempt++) {
    const thread = await readThread(device, verified);
    const body = await sealNext(device, verified, thread, text);
    try {
      await device.session.send({ method: 'POST', path, idempotencyKey: newId(), body });
      return;
    } catch (error) {
      const isLate = error instanceof Problem && error.code === 'chain_moved';
      if (!isLate || attempt === ATTEMPTS) throw error;
    }
  }
}

/** What the source writes answers what it was asked; somebody may have said so already. */
async function endQuestion(device: Device, { chain: { given, sender } }: VerifiedReferral): Promise<void> {
  if (!device.serves(sender.service.id)) return;
  if ((await getReferral(device, given.referral)).businessStatus !== 'info-requested') return;
  await act(device, given.referral, { event: 'provide-info' }).catch((error: unknown) => {
    if (!(error instanceof Problem && error.code === 'wrong_state')) throw error;
  });
}

async function sealNext(
  device: Device,
  { chain }: VerifiedReferral,
  { entries, personBox }: Thread,
  text: string,
): Promise<object> {
  const { given, givenText, sender } = chain;
  const source = sender.service.id;
  const side = device.serves(source) ? 'source' : 'target';
  const day = await device.today();
  if (toBase64url(boxKeyId(personBox)) !== given.personBox) refuse('person-box');
  const certificate = await presentCertificate(device, side === 'source' ? source : given.to, day);
  const { ctx, wraps, body } = sealMessage({
    given,
    consent: hashText(givenText),
    to: {
      receiver: await presentBox(device, given.to, day),
      sender: await presentBox(device, source, day),
      person: personBox,
    },
    thread: entries,
    side,
    day,
    text,
    author: { sign: device.keys.sign, certificate },
  });
  const place = entries.length;
  return { place, ctx: toBase64url(ctx), wraps: wraps.map(toBase64url), body: toBase64url(body) };
}

/** Reads page after page; the server controls all of it but what each message proves. */
async function readThread(device: Device, verified: VerifiedReferral): Promise<Thread> {
  const { given, sender } = verified.chain;
  const path = `/v1/referrals/${given.referral}/messages`;
  const entries: ThreadEntry[] = [];
  const messages: (ReadMessage | RefusedMessage)[] = [];
  for (let after: string | undefined; ;) {
    const page = await device.session.json<Page>({ method: 'GET', path, query: { after } });
    const service = page.role === ROLE.receiver ? given.to : sender.service.id;
    if (page.items.some(({ ctx }) => lacksKey(device, service, page.role, ctx))) await device.takeGrants();
    for (const item of page.items) {
      const { entry, message } = readItem(device, verified, { ...item, role: page.role }, entries);
      entries.push(entry);
      messages.push(message);
    }
    after = page.next;
    if (after === undefined) return { entries, messages, personBox: fromBase64url(page.personBox) };
  }
}

/** A message can be sealed to an epoch that has begun since this device last took its grants. */
function lacksKey(device: Device, service: string, role: number, ctx: string): boolean {
  try {
    return !device.keyInContext(service, role, fromBase64url(ctx));
  } catch (error) {
    return error instanceof Refused && error.check === 'key-not-granted';
  }
}

function readItem(
  device: Device,
  { chain, trust }: VerifiedReferral,
  item: SealedItem & { readonly role: number },
  thread: readonly ThreadEntry[],
): { entry: ThreadEntry; message: ReadMessage | RefusedMessage } {
  const { given, givenText, sender } = chain;
  const [ctx, wrap, body] = [item.ctx, item.wrap, item.body].map(fromBase64url) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const service = item.role === ROLE.receiver ? given.to : sender.service.id;
  const context = { given, consent: hashText(givenText), thread, registry: trust.registry };
  try {
    const own = device.keyInContext(service, item.role, ctx);
    const { message, side, bodyHash } = openMessage({ ctx, role: item.role, wrap, body }, own, context);
    const { day, text, kind } = message;
    return { entry: { side, bodyHash }, message: { side, day, text, ...(kind && { kind }) } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { entry: { side: null, bodyHash: sha256(body) }, message: { side: null, refused: error.check } };
  }
}
