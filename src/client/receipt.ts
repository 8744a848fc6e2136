import { randomBytes, toBase64url } from '../protocol/bytes.js';
import { deriveReceipt, requireCode } from '../protocol/codes.js';
import type { SigningKey } from '../protocol/crypto/keys.js';
import { sign } from '../protocol/signed.js';
import { OpenedReceipt } from './opened-receipt.js';
import { proofKey, type ProofKey } from './proof.js';
import { Transport, type Fetch } from './transport.js';

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

/** The person's own door: a code, no account. Made from the code alone; the code itself is never sent. */
export class Receipt {
  private constructor(
    private readonly transport: Transport,
    private readonly code: string,
    private readonly key: SigningKey,
    private readonly proof: ProofKey,
  ) {}

  static async fromCode(address: string, code: string, fetch?: Fetch): Promise<Receipt> {
    const canonical = requireCode(code);
    const { sign: key } = await deriveReceipt(canonical);
    return new Receipt(new Transport(address, fetch), canonical, key, await proofKey(key));
  }

  /** The paper of somebody who types or shows its code, and where it stands. @throws Problem not_found */
  static async find(
    address: string,
    code: string,
    fetch?: Fetch,
  ): Promise<{ receipt: Receipt; status: ReceiptStatus }> {
    const receipt = await Receipt.fromCode(address, code, fetch);
    return { receipt, status: await receipt.status() };
  }

  /** Everything that was said, by paper and word. @throws Problem not_found where the word is another */
  async open(word?: string): Promise<OpenedReceipt> {
    return OpenedReceipt.open(this.transport, await deriveReceipt(this.code, word));
  }

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
