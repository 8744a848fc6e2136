import { sha256 } from '#sha256';
import { fromBase64url, newId, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import type { ReceiptKeys } from '../../protocol/encoding/codes.js';
import { boxKeyId } from '../../protocol/crypto/keys.js';
import { Refused, refuse } from '../../protocol/encoding/errors.js';
import { ROLE } from '../../protocol/envelope/envelope.js';
import { openAttachment } from '../../protocol/envelope/open-attachment.js';
import { openMessage } from '../../protocol/handoff/open-message.js';
import { openOwnHandoff } from '../../protocol/handoff/open-own-handoff.js';
import { readOwnChain, type OwnChain } from '../../protocol/consent/own-chain.js';
import type { Answers } from '../../protocol/envelope/feedback.js';
import { sealFeedback } from '../../protocol/envelope/seal-feedback.js';
import { sealMessage } from '../../protocol/handoff/seal-message.js';
import { hashText, readUnverified, requirePayload, sign } from '../../protocol/encoding/signed.js';
import type { ThreadEntry } from '../../protocol/handoff/thread.js';
import { attachmentsOf, downloadParts, type Attachment } from '../referral/attachments.js';
import { waitForServer } from '../device/patience.js';
import { laterDay } from '../device/days.js';
import type { ReadMessage, RefusedMessage } from '../referral/messages.js';
import { knownNotice } from '../translations/notice.js';
import { Problem } from '../device/problem.js';
import { proofKey, type ProofKey } from '../device/proof.js';
import type { ReceiptStory, Shared } from './receipt-story.js';
import type { ProvenStatement } from '../referral/proofs.js';
import type { Call, Transport } from '../device/transport.js';

interface PartyAnswer {
  readonly service: { readonly id: string; readonly name: string };
  readonly organisation: { readonly id: string; readonly name: string };
  readonly serviceKey: string | null;
}

type StoryAnswer = Omit<
  ReceiptStory,
  | ('purpose' | 'notice' | 'given' | 'sendUntil' | 'disclosures' | 'renewals' | 'withdrawn' | 'invalidated')
  | ('source' | 'target')
> & {
  readonly log: string;
  readonly source: PartyAnswer;
  readonly target: PartyAnswer;
  readonly statements: readonly string[];
};

interface SealedItem {
  readonly ctx: string;
  readonly wrap: string;
  readonly body: string;
}

interface Thread {
  readonly entries: readonly ThreadEntry[];
  readonly messages: readonly (ReadMessage | RefusedMessage)[];
  readonly personBox: string;
}

/** How often a message is sealed again because somebody wrote at the same moment. */
const ATTEMPTS = 10;

/**
 * A person's case, opened by paper and word. It follows no registry: what the services have signed is shown
 * as the server gives it, and what was sealed for the person is held to their own key; `relais verify` checks
 * the rest from their copy.
 * @example
 * const receipt = await Receipt.fromCode('https://relais.example', code);
 * const mine = await receipt.open(); // with the word, where one was chosen
 * show(await mine.story(), await mine.shared(), await mine.messages());
 * await mine.write('Bonjour', 'correction');
 */
export class OpenedReceipt {
  private constructor(
    private readonly transport: Transport,
    private readonly keys: ReceiptKeys,
    private readonly proof: ProofKey,
  ) {}

  /**
   * By `Receipt.open` alone.
   * @throws Problem not_found where the word, or the code, is another
   * @internal
   */
  static async open(transport: Transport, keys: ReceiptKeys): Promise<OpenedReceipt> {
    const opened = new OpenedReceipt(transport, keys, await proofKey(keys.read));
    await opened.ask();
    return opened;
  }

  /** Where it stands, and everything that happened. */
  async story(): Promise<ReceiptStory> {
    return storyOf(await this.ask());
  }

  /** What was passed on; undefined once nothing of it is kept. */
  async shared(): Promise<Shared | undefined> {
    const { chain, contentKept } = await this.ask();
    if (!contentKept) return undefined;
    const sealed = await this.json<SealedItem & { readonly wrapHashes: readonly string[] }>({
      method: 'GET',
      path: '/v1/receipt/handoff',
    });
    const input = { ...inBytes(sealed), wrapHashes: sealed.wrapHashes.map(fromBase64url) };
    const opened = openOwnHandoff(input, this.keys.box, chain);
    return { ...opened, notice: knownNotice(opened.consentRecord.notice) };
  }

  /**
   * Every statement with its proof: the one that witnesses have seen, else once the log has taken them (about
   * two seconds).
   */
  async proofs(): Promise<readonly ProvenStatement[]> {
    const call = { method: 'GET', path: '/v1/receipt/proofs' } as const;
    for (let attempt = 0; attempt < 60; attempt++) {
      const query = { degree: attempt === 0 ? 'final' : 'provisional' };
      const response = await this.transport.send({ ...call, query, proof: { key: this.proof } });
      if (response.status === 200)
        return ((await response.json()) as { statements: readonly ProvenStatement[] }).statements;
      if (attempt > 0) await waitForServer(attempt - 1);
    }
    return refuse('proof');
  }

  /** What was written, in its order; what does not hold is told and not shown. */
  async messages(): Promise<readonly (ReadMessage | RefusedMessage)[]> {
    const { chain } = await this.ask();
    return (await this.thread(chain)).messages;
  }

  /** Writes to both services; `correction` says that something is to be withdrawn and written anew. */
  async write(text: string, kind?: 'correction'): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const story = await this.ask();
      const thread = await this.thread(story.chain);
      const body = this.sealNext(story, thread, { text, kind });
      const idempotencyKey = newId();
      try {
        await this.json({ method: 'POST', path: '/v1/receipt/messages', idempotencyKey, body });
        return;
      } catch (error) {
        const isLate = error instanceof Problem && error.code === 'chain_moved';
        if (!isLate || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** A later last day, signed by the person's own key. */
  async renew(keepUntil: string): Promise<ReceiptStory> {
    const { chain, log, referral, today } = await this.ask();
    const { consent } = chain.given;
    const prev = toBase64url(hashText(chain.head));
    const day = laterDay(today, chain.lastDay);
    const said = { log, kind: 'consent.renewed' as const, consent, referral, prev, day, keepUntil };
    const jws = sign('consent-statement+jws', said, this.keys.sign);
    await this.json({
      method: 'POST',
      path: '/v1/receipt/renewals',
      idempotencyKey: newId(),
      body: { statement: { jws, opening: toBase64url(randomBytes(32)) } },
    });
    return this.story();
  }

  /** The files that were passed on; none once nothing is kept. */
  async attachments(): Promise<readonly Attachment[]> {
    const shared = await this.shared();
    return shared ? attachmentsOf(shared) : [];
  }

  /** One of the files that were passed on, opened; nothing is given before the last check. */
  async attachment(which: Attachment): Promise<Blob> {
    const { chain } = await this.ask();
    const of = { referral: chain.given.referral, consent: hashText(chain.givenText) };
    const session = { json: <T>(call: Omit<Call, 'proof' | 'form'>) => this.json<T>(call) };
    return openAttachment(which, of, downloadParts(session, '/v1/receipt/attachments', which));
  }

  /** Whether somebody is there whom a text about how it went can be sealed to. */
  async mayGiveText(): Promise<boolean> {
    return (await this.observers()).length > 0;
  }

  /**
   * Says how it went, once: the answers are counted without the person, a text is sealed to the observers
   * alone.
   */
  async giveFeedback(answers: Answers, text = ''): Promise<void> {
    const sealed = text === '' ? undefined : sealFeedback(text, await this.observers());
    const body = {
      reached: answers.reached ?? 'skipped',
      helped: answers.helped ?? 'skipped',
      respected: answers.respected ?? 'skipped',
      ...(sealed && {
        text: {
          ctx: toBase64url(sealed.ctx),
          wraps: sealed.wraps.map(toBase64url),
          body: toBase64url(sealed.body),
        },
      }),
    };
    await this.json({ method: 'POST', path: '/v1/receipt/feedback', idempotencyKey: newId(), body });
  }

  private async observers(): Promise<Uint8Array[]> {
    const { boxes } = await this.json<{ boxes: string[] }>({ method: 'GET', path: '/v1/receipt/observers' });
    return boxes.map(fromBase64url);
  }

  private async json<T>(call: Omit<Call, 'proof' | 'form'>): Promise<T> {
    return this.transport.json({ ...call, proof: { key: this.proof } });
  }

  private async ask(): Promise<StoryAnswer & { readonly chain: OwnChain }> {
    const answer = await this.json<StoryAnswer>({ method: 'GET', path: '/v1/receipt/story' });
    const own = { sign: this.keys.sign.publicKey, boxId: this.keys.box.id };
    return { ...answer, chain: readOwnChain(answer.log, answer.statements, own) };
  }

  private async thread(chain: OwnChain): Promise<Thread> {
    const entries: ThreadEntry[] = [];
    const messages: (ReadMessage | RefusedMessage)[] = [];
    for (let after: string | undefined; ;) {
      const page = await this.json<{ items: SealedItem[]; personBox: string; next?: string }>({
        method: 'GET',
        path: '/v1/receipt/messages',
        query: { after },
      });
      for (const item of page.items) {
        const { entry, message } = this.readItem(chain, item, entries);
        entries.push(entry);
        messages.push(message);
      }
      after = page.next;
      if (after === undefined) return { entries, messages, personBox: page.personBox };
    }
  }

  private readItem(
    { given, givenText }: OwnChain,
    item: SealedItem,
    thread: readonly ThreadEntry[],
  ): { entry: ThreadEntry; message: ReadMessage | RefusedMessage } {
    const sealed = inBytes(item);
    const context = { given, consent: hashText(givenText), thread };
    try {
      const { message, side, bodyHash } = openMessage(
        { ...sealed, role: ROLE.person },
        this.keys.box,
        context,
      );
      const { day, text, kind } = message;
      return { entry: { side, bodyHash }, message: { side, day, text, ...(kind && { kind }) } };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const message = { side: null, refused: error.check } as const;
      return { entry: { side: null, bodyHash: sha256(sealed.body) }, message };
    }
  }

  private sealNext(
    { chain, source, target, today }: StoryAnswer & { readonly chain: OwnChain },
    { entries }: Thread,
    { text, kind }: { readonly text: string; readonly kind: 'correction' | undefined },
  ): object {
    const { ctx, wraps, body } = sealMessage({
      given: chain.given,
      consent: hashText(chain.givenText),
      to: { receiver: boxOf(target), sender: boxOf(source), person: this.keys.box.publicKey },
      thread: entries,
      side: 'person',
      day: today,
      text,
      about: kind,
      author: { sign: this.keys.sign },
    });
    const place = entries.length;
    return { place, ctx: toBase64url(ctx), wraps: wraps.map(toBase64url), body: toBase64url(body) };
  }
}

/** The service's present key, as the server shows it: the person's page follows no registry. */
function boxOf({ service, serviceKey }: PartyAnswer): Uint8Array {
  const { payload } = readUnverified(serviceKey ?? refuse('key-not-current'));
  const key = requirePayload('service-key+jws', payload);
  const box = fromBase64url(key.box);
  const isTheirs = key.service.id === service.id && toBase64url(boxKeyId(box)) === key.boxId;
  return isTheirs ? box : refuse('key-not-current');
}

function inBytes({ ctx, wrap, body }: SealedItem) {
  return { ctx: fromBase64url(ctx), wrap: fromBase64url(wrap), body: fromBase64url(body) };
}

function storyOf({
  chain,
  source,
  target,
  ...answer
}: StoryAnswer & { readonly chain: OwnChain }): ReceiptStory {
  const { referral, kind, status, statusReason, outcome, businessStatus, today } = answer;
  const { erased, contentKept, renewableUntil, feedbackGiven } = answer;
  const { given, said, keepUntil } = chain;
  const withdrawn = said.find((each) => each.kind === 'consent.withdrawn');
  const invalidated = said.find((each) => each.kind === 'consent.invalidated');
  return {
    ...{ referral, kind, status, statusReason, outcome, businessStatus, today },
    ...{ erased, contentKept, renewableUntil, feedbackGiven, keepUntil },
    source: { service: source.service, organisation: source.organisation },
    target: { service: target.service, organisation: target.organisation },
    ...{ purpose: given.purpose, notice: given.notice, given: given.day, sendUntil: given.sendUntil },
    disclosures: said
      .filter((each) => each.kind === 'handoff.received')
      .map(({ day }) => ({ service: given.to, day })),
    renewals: said
      .filter((each) => each.kind === 'consent.renewed')
      .map(({ day, keepUntil: until }) => ({ day, keepUntil: until })),
    withdrawn: withdrawn ? { day: withdrawn.day, means: withdrawn.means, by: withdrawn.by } : null,
    invalidated: invalidated ? { day: invalidated.day, reason: invalidated.reason } : null,
  };
}
