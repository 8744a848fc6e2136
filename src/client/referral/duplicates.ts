import type { HandoffRecord } from '../../protocol/schemas/handoff-record.js';
import { ERASING_STATUSES } from '../../protocol/referral/state-machine.js';
import type { Device } from '../device/device.js';
import { checkOf } from '../device/each.js';
import { openReferral } from './open.js';
import { pageReferrals, type Referral } from './list.js';
import { isNear, plainForm } from './text.js';

/** A person who may have been sent before, by one's own service. A warning and never a refusal. */
export interface PossibleDuplicate {
  readonly referral: string;
  readonly target: string;
  /** To the hour while open, to the day once closed. */
  readonly sentAt: string;
}

/** What is compared: how the person is called, and how they are reached. In plain form. */
interface Trait {
  readonly name: string;
  readonly contact: string;
}

/** Each handoff that is not yet known costs three requests: newest first, and so many at most. */
const MOST = 200;

/**
 * Compares a draft with what the device's own service has sent and can still open. On this device alone: what
 * was opened is kept in memory while the app runs, and neither on its disk nor at the server.
 * @example
 * const finder = new DuplicateFinder(device);
 * for (const { sentAt, target } of await finder.find(service, record)) show(sentAt, target);
 */
export class DuplicateFinder {
  private readonly known = new Map<string, Trait | undefined>();

  constructor(private readonly device: Device) {}

  /** What was just sealed need not be opened again. */
  remember(referral: string, record: Partial<HandoffRecord>): void {
    this.known.set(referral, traitOf(record));
  }

  /**
   * The open ones first, then those that have ended and whose content is still kept; none of another service.
   */
  async find(from: string, record: Partial<HandoffRecord>): Promise<PossibleDuplicate[]> {
    const wanted = traitOf(record);
    if (!wanted) return [];
    const similar: PossibleDuplicate[] = [];
    for (const each of await this.newest(from))
      if (isSimilar(wanted, await this.traitOf(each))) similar.push(pick(each));
    return similar;
  }

  /** Opens what is not known yet, so that nobody waits for it later, and forgets what exists no more. */
  async lookThrough(signal: AbortSignal): Promise<void> {
    const seen = new Set<string>();
    for (const service of this.device.services)
      for (const each of await this.newest(service)) {
        if (signal.aborted) return;
        await this.traitOf(each);
        seen.add(each.referral);
      }
    for (const referral of this.known.keys()) if (!seen.has(referral)) this.known.delete(referral);
  }

  private async newest(service: string): Promise<Referral[]> {
    const sent: Referral[] = [];
    for (const state of ['open', 'closed'] as const) {
      let after: string | undefined;
      do {
        const page = await pageReferrals(this.device, { box: 'outbox', state, service, after });
        sent.push(...page.items.filter(isKept));
        after = page.next;
      } while (after !== undefined && sent.length < MOST);
    }
    return sent.slice(0, MOST);
  }

  private async traitOf({ referral }: Referral): Promise<Trait | undefined> {
    if (!this.known.has(referral)) this.known.set(referral, await this.open(referral));
    return this.known.get(referral);
  }

  /**
   * What cannot be opened (erased meanwhile, sealed to a key that this device lacks, damaged) warns of
   * nothing.
   */
  private async open(referral: string): Promise<Trait | undefined> {
    try {
      return traitOf((await openReferral(this.device, referral)).record);
    } catch (error) {
      checkOf(error);
      return undefined;
    }
  }
}

function isKept({ status, consentState }: Referral): boolean {
  return consentState !== 'withdrawn' && consentState !== 'invalidated' && !ERASING_STATUSES.includes(status);
}

function traitOf(record: {
  readonly calledName?: unknown;
  readonly contactValue?: unknown;
}): Trait | undefined {
  const [name, contact] = [record.calledName, record.contactValue].map((value) =>
    typeof value === 'string' ? plainForm(value) : '',
  ) as [string, string];
  return name === '' && contact === '' ? undefined : { name, contact };
}

function isSimilar(wanted: Trait, sent: Trait | undefined): boolean {
  if (!sent) return false;
  const isSameName = wanted.name !== '' && isNear(wanted.name, sent.name);
  return isSameName || (wanted.contact !== '' && isSameContact(wanted.contact, sent.contact));
}

/** Telephone numbers by their last eight digits: with and without the prefix of the country. */
function isSameContact(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.replace(/[^0-9]/g, '')) as [string, string];
  if (left.length >= 8 && right.length >= 8) return left.slice(-8) === right.slice(-8);
  return a === b;
}

function pick({ referral, target, sentAt }: Referral): PossibleDuplicate {
  return { referral, target, sentAt };
}
