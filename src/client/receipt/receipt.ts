import { fromBase64url, randomBytes, toBase64url } from '../../protocol/encoding/bytes.js';
import { deriveReceipt, derivePaper, requireCode, type ReceiptKeys } from '../../protocol/encoding/codes.js';
import type { SigningKey } from '../../protocol/crypto/keys.js';
import { openSecond } from '../../protocol/crypto/second-open.js';
import { sign } from '../../protocol/encoding/signed.js';
import { OpenedReceipt } from './opened-receipt.js';
import { Problem } from '../device/problem.js';
import { proofKey, type ProofKey } from '../device/proof.js';
import { normaliseWord, normaliseWord01 } from '../../protocol/encoding/typed.js';
import { Transport, type Fetch } from '../device/transport.js';

/** What the paper alone tells: where it stands, and enough to take the consent back. It names no service. */
export interface ReceiptStatus {
  readonly status: string;
  readonly statusReason: string | null;
  readonly wordNeeded: boolean;
  readonly log: string;
  readonly consent: string;
  readonly referral: string;
  readonly prev: string;
  /** The server's date: a withdrawal works whatever this device's clock says. */
  readonly today: string;
}

/** How the keys come out of a code, with a word or without. */
type Unlock = (word?: string, normalise?: typeof normaliseWord) => Promise<ReceiptKeys>;

/**
 * The person's own door: a code, no account. Made from the code alone; the code itself is never sent.
 * @example
 * const { receipt, status } = await Receipt.find('https://relais.example', code);
 * show(status.status);
 * await receipt.withdraw(); // or, to read on: await receipt.open(word)
 */
export class Receipt {
  private constructor(
    private readonly transport: Transport,
    private readonly unlock: Unlock,
    private readonly key: SigningKey,
    private readonly proof: ProofKey,
  ) {}

  /** By the person's own paper. */
  static async fromCode(address: string, code: string, fetch?: Fetch): Promise<Receipt> {
    const canonical = requireCode(code);
    return Receipt.of(new Transport(address, fetch), (...word) => deriveReceipt(canonical, ...word));
  }

  /**
   * By a second code: it opens the receipt's own keys, and so does all that the paper and the word can.
   * @throws Problem not_found
   */
  static async fromSecondCode(address: string, code: string, fetch?: Fetch): Promise<Receipt> {
    const { sign: key, box } = derivePaper(requireCode(code), 'guardian');
    const transport = new Transport(address, fetch);
    const call = { method: 'GET', path: '/v1/receipt/second', proof: { key: await proofKey(key) } } as const;
    const { referral, sealed } = await transport.json<{ referral: string; sealed: string }>(call);
    const keys = openSecond(fromBase64url(sealed), referral, box);
    return Receipt.of(transport, () => Promise.resolve(keys));
  }

  /** By whichever code somebody types or shows, and where it stands. @throws Problem not_found */
  static async find(
    address: string,
    code: string,
    fetch?: Fetch,
  ): Promise<{ receipt: Receipt; status: ReceiptStatus; isSecond: boolean }> {
    const own = await Receipt.fromCode(address, code, fetch);
    const status = await own.status().catch(asUnknown);
    if (status) return { receipt: own, status, isSecond: false };
    const receipt = await Receipt.fromSecondCode(address, code, fetch);
    return { receipt, status: await receipt.status(), isSecond: true };
  }

  private static async of(transport: Transport, unlock: Unlock): Promise<Receipt> {
    const { sign: key } = await unlock();
    return new Receipt(transport, unlock, key, await proofKey(key));
  }

  /** Everything that was said, by paper and word. @throws Problem not_found where the word is another */
  async open(word = ''): Promise<OpenedReceipt> {
    try {
      return await this.openAs(normaliseWord, word);
    } catch (error) {
      // a paper of version 0.1 may have been locked by another form of the same word
      if (!isUnknown(error) || normaliseWord(word) === normaliseWord01(word)) throw error;
      return this.openAs(normaliseWord01, word);
    }
  }

  private async openAs(normalise: typeof normaliseWord, word: string): Promise<OpenedReceipt> {
    return OpenedReceipt.open(this.transport, await this.unlock(word, normalise));
  }

  /** Where it stands, and whether a word is needed to read on. */
  async status(): Promise<ReceiptStatus> {
    return this.transport.json({ method: 'GET', path: '/v1/receipt', proof: { key: this.proof } });
  }

  /** Takes the consent back. It can be repeated, and no state of the referral can refuse it. */
  async withdraw(): Promise<{ status: string; statement: string }> {
    const { log, consent, referral, prev, today } = await this.status();
    const statement = sign(
      'consent-statement+jws',
      {
        log,
        kind: 'consent.withdrawn',
        consent,
        referral,
        prev,
        day: today,
        means: 'own-code',
        by: 'person',
      },
      this.key,
    );
    const answer = await this.transport.json<{ status: string }>({
      method: 'POST',
      path: '/v1/receipts/withdrawals',
      // The statement names its consent and is terminal: the same withdrawal twice is one withdrawal.
      idempotencyKey: toBase64url(randomBytes(16)),
      body: { statement: { jws: statement, opening: toBase64url(randomBytes(32)) } },
    });
    return { status: answer.status, statement };
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof Problem && error.code === 'not_found';
}

function asUnknown(error: unknown): undefined {
  if (!isUnknown(error)) throw error;
}
