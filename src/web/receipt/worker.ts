import { Problem, Unreachable } from '../../client/device/problem.js';
import { Receipt, type ReceiptStatus } from '../../client/receipt/receipt.js';
import type { OpenedReceipt } from '../../client/receipt/opened-receipt.js';
import type { ReceiptFileOptions } from '../../client/receipt/receipt-file.js';
import type { Attachment } from '../../client/referral/attachments.js';
import type { Answers } from '../../protocol/envelope/feedback.js';
import { parseCode } from '../../protocol/encoding/codes.js';
import { Refused } from '../../protocol/encoding/errors.js';
import { typedText } from '../../protocol/encoding/plain-text.js';
import { READY, type Answer, type Call } from './call.js';

/**
 * Everything that holds a key runs here, apart from the page: leaving ends this worker, and with it what
 * memory held. The code comes in by a message and goes nowhere.
 */
let receipt: Receipt | undefined;
let opened: OpenedReceipt | undefined;

/**
 * What somebody typed or scanned, read: a good code, one that a single wrong symbol would explain, or none.
 */
export type CodeReading =
  { readonly good: true } | { readonly good: false; readonly suggestion: string | null };

const api = {
  read(typed: string): CodeReading {
    const parsed = parseCode(typed);
    return 'canonical' in parsed ? { good: true } : { good: false, suggestion: parsed.suggestion };
  },
  async find(code: string): Promise<{ status: ReceiptStatus; opensWithoutWord: boolean }> {
    const { receipt: found, status, isSecond } = await Receipt.find(location.origin, code);
    receipt = found;
    return { status, opensWithoutWord: isSecond || !status.wordNeeded };
  },
  status: (): Promise<ReceiptStatus> => paper().status(),
  withdraw: (): Promise<{ status: string }> => paper().withdraw(),
  async open(word?: string): Promise<void> {
    opened = await paper().open(word);
  },
  story: () => page().story(),
  shared: () => page().shared(),
  messages: () => page().messages(),
  write: (text: string, kind?: 'correction') => page().write(typedText(text), kind),
  renew: (keepUntil: string) => page().renew(keepUntil),
  mayGiveText: () => page().mayGiveText(),
  giveFeedback: (answers: Answers, text: string) => page().giveFeedback(answers, typedText(text)),
  attachment: (which: Attachment) => page().attachment(which),
  /** Everything that a copy holds. */
  async copy(): Promise<Omit<ReceiptFileOptions, 'language'>> {
    const of = page();
    const story = await of.story();
    return { story, shared: await of.shared(), proofs: await of.proofs(), messages: await messagesOf(of) };
  },
};

export type Door = typeof api;

/** After a withdrawal nothing of the thread is kept; the file then says so. */
async function messagesOf(of: OpenedReceipt): ReturnType<OpenedReceipt['messages']> {
  return of.messages().catch((error: unknown) => {
    if (error instanceof Problem) return [];
    throw error;
  });
}

function paper(): Receipt {
  return receipt ?? fail();
}

function page(): OpenedReceipt {
  return opened ?? fail();
}

function fail(): never {
  throw new Error('no code was read yet');
}

/** Codes only: nothing that the server or a key said reaches the page as an error's text. */
function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  if (error instanceof Unreachable) return 'unreachable';
  return error instanceof Refused ? `refused:${error.check}` : 'fault';
}

addEventListener('message', ({ data: { id, name, given } }: MessageEvent<Call>) => {
  const acts = api as unknown as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;
  void (async (): Promise<Answer> => {
    try {
      return { id, value: await acts[name]?.(...given) };
    } catch (error) {
      return { id, reason: reasonOf(error) };
    }
  })().then((answer) => postMessage(answer));
});
// what comes before this is lost: the worker begins to listen only when its cryptography is there
postMessage(READY);
