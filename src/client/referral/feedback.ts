import { fromBase64url } from '../../protocol/encoding/bytes.js';
import { openFeedback } from '../../protocol/envelope/open-feedback.js';
import type { Device } from '../device/device.js';
import { settleEach, type Settled } from '../device/each.js';
import { readAll } from '../device/pages.js';

/** What a person wrote about how it went with a service, in a calendar quarter. */
export interface FeedbackText {
  readonly service: string;
  /** For example `2026-4`. */
  readonly quarter: string;
  readonly text: string;
}

interface SealedText extends Omit<FeedbackText, 'text'> {
  readonly ctx: string;
  readonly wrap: string;
  readonly body: string;
}

/**
 * What persons have written, opened by an observer's device; and of what does not open, for which service it
 * was.
 * @throws Problem `not_found` on a device of another role than observer
 * @example
 * const { done, refused } = await listFeedback(observer);
 * for (const { service, quarter, text } of done) show(service, quarter, text);
 */
export async function listFeedback(
  observer: Pick<Device, 'session' | 'keys'>,
): Promise<Settled<Omit<FeedbackText, 'text'>, FeedbackText>> {
  const items = await readAll<SealedText>(observer.session, '/v1/feedback');
  const { done, refused } = await settleEach(items, ({ service, quarter, ...sealed }) => {
    const [ctx, wrap, body] = [sealed.ctx, sealed.wrap, sealed.body].map(fromBase64url) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    return { service, quarter, text: openFeedback({ ctx, wrap, body }, observer.keys.box) };
  });
  const named = refused.map(({ item: { service, quarter }, check }) => ({
    item: { service, quarter },
    check,
  }));
  return { done, refused: named };
}
