import {
  acknowledge,
  findService,
  recordConsent,
  sealReferral,
  sendReferral,
} from '../../../src/client/index.js';
import type { HandoffRecord } from '../../../src/protocol/schemas/handoff-record.js';
import type { FoundedServer } from '../machines/process.js';

/** Words that must be found nowhere but on the person's own screen. */
export const CANARIES = { name: 'Zephyrine-Quill', reason: 'An ache that only this test knows.' } as const;

export interface GivenReceipt {
  readonly referral: string;
  readonly code: string;
}

interface Wish {
  readonly word?: string;
  readonly record?: HandoffRecord;
  readonly language?: string;
  /** Whether the receiving service has acknowledged it. */
  readonly isOpened?: boolean;
}

/** A person who was passed on from La Ruelle to the Clinique and holds a paper. */
export async function givenReceipt({ network }: FoundedServer, wish: Wish = {}): Promise<GivenReceipt> {
  const { laRuelle, clinique } = network;
  const { worker } = laRuelle;
  const record = wish.record ?? { calledName: CANARIES.name, reason: CANARIES.reason };
  const consent = recordConsent(await worker.charter(), await worker.today(), {
    purpose: 'health-care',
    fields: Object.keys(record),
    language: wish.language ?? 'fr',
    modality: 'spoken',
    representation: 'none',
    alternativesOffered: [],
    teachBack: true,
  });
  const made = await sealReferral(worker, {
    from: laRuelle.service,
    to: await findService(worker, clinique.service),
    consent,
    record,
    priority: 'routine',
    ...(wish.word !== undefined && { word: wish.word }),
  });
  const { referral } = await sendReferral(worker, made.sealed);
  if (wish.isOpened === true) await acknowledge(clinique.worker, referral);
  return { referral, code: made.receiptCode };
}

/** The same code with its n-th sign mistyped. */
export function mistyped(code: string, at = 3): string {
  const other = code[at] === 'A' ? 'B' : 'A';
  return code.slice(0, at) + other + code.slice(at + 1);
}
