import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { Database, type Bound } from '../../../database/index.js';
import type { ReferralEvent } from '../../../protocol/referral/event-types.js';
import { every } from '../../common/every.js';
import { ServerSecret } from '../../common/http/index.js';
import { findReachable, post } from '../../common/outgoing/index.js';
import { Config } from '../../config/index.js';
import { EventPages } from '../events/event-pages.js';
import { SealedTexts } from '../sealed-texts.js';
import { signedHeaders, webhookKeys } from './signature.js';
import { CLAIM, FAILED, RELEASE, TAKEN } from './webhooks.sql.js';

/** Of webhooks at once, and of events of each before the others have their turn. */
const AT_ONCE = 8;
const IN_A_ROW = 20;
const GONE = 410;

interface Claimed {
  readonly id: string;
  readonly service: string;
  readonly url: Buffer;
  readonly attempts: number;
  readonly xid: string;
  readonly seen: string;
}

/**
 * Tells the receivers of webhooks, in the order of the events, each at least once: the next one is sent when
 * the one before was taken. Any process does it; one that is killed leaves a webhook to the others after a
 * minute.
 */
@Injectable()
export class Deliveries {
  private readonly stopping = new AbortController();

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly pages: EventPages,
    private readonly texts: SealedTexts,
    private readonly secret: ServerSecret,
    private readonly resolver: Resolver,
  ) {}

  /** What is being told now is told again by whoever finds it when the minute is over. */
  stop(): void {
    this.stopping.abort();
  }

  /** Everything that is due now. */
  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const { rows } = await this.database.app.query<Claimed>(CLAIM.with({ limit: AT_ONCE }));
      await every(rows.map((webhook) => () => this.tell(webhook)));
      if (rows.length === 0) return;
    }
  }

  private async tell(webhook: Claimed): Promise<void> {
    const from = { xid: webhook.xid, id: webhook.seen, at: new Date().toISOString() };
    const { events } = await this.pages.after(webhook.service, from, IN_A_ROW);
    let [xid, seen] = [webhook.xid, webhook.seen];
    for (const event of events) {
      const status = await this.send(webhook, event).catch(() => 0);
      if (this.stopping.signal.aborted) return;
      const isTaken = status >= 200 && status < 300;
      const at = { webhook: webhook.id, xid, seen };
      const moved = isTaken
        ? await this.move(TAKEN.with({ ...at, nextXid: event.xid, nextSeen: event.id }))
        : await this.move(FAILED.with({ ...at, isGone: status === GONE }));
      if (!isTaken || !moved) return;
      [xid, seen] = [event.xid, event.id];
    }
    await this.move(RELEASE.with({ webhook: webhook.id, xid, seen }));
  }

  /** The receiver's status; 0 where it may not, or cannot, be reached. */
  private async send({ id, service, url, attempts }: Claimed, event: ReferralEvent): Promise<number> {
    const text = this.texts.read(url, `webhook ${id}`);
    if (text === undefined) return 0;
    const parsed = new URL(text);
    const { webhookRanges: ranges } = this.config;
    const address = await findReachable(parsed, { resolver: this.resolver, ranges, turn: attempts });
    if (address === undefined) return 0;
    const body = webhookBody(service, event);
    const message = { id: event.id, timestamp: Math.floor(Date.now() / 1000), body };
    const signature = signedHeaders(webhookKeys(this.secret, id), message);
    const headers = { ...signature, 'content-type': 'application/json' };
    return post({ url: parsed, address, headers, body }, this.stopping.signal);
  }

  private async move(change: Bound): Promise<boolean> {
    const { rowCount } = await this.database.app.query(change);
    return rowCount === 1;
  }
}

/** Thin, as Standard Webhooks calls it: what happened is asked for over the API, by a device. */
export function webhookBody(service: string, { id, type, referral, at }: ReferralEvent): string {
  return JSON.stringify({ type, timestamp: at, data: { id, service, referral } });
}
