import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { Bell } from './bell.js';
import { LOOK } from './events.sql.js';
import type { Place } from './places.js';

/** A ring that was lost, or that came before an older transaction had ended, costs so much. */
const LOOK_EVERY_MS = 1_000;
/** More than that are answered at once, and come again. */
const MOST_WAITING = 5_000;

interface Waiter extends Place {
  readonly service: string;
  readonly wake: () => void;
}

/** Clients of this process that wait for an event: an entry in a list each, and one query for them all. */
@Injectable()
export class Waiters implements OnModuleInit, OnModuleDestroy {
  private readonly waiting = new Set<Waiter>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly bell: Bell,
  ) {}

  onModuleInit(): void {
    this.bell.onRing(() => void this.look());
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Before the server closes its connections: they are answered, not cut. */
  onModuleDestroy(): void {
    this.isStopping = true;
    clearInterval(this.timer);
    for (const { wake } of this.waiting) wake();
  }

  /** Until there is something after the place, the time is up, the client has gone, or the server stops. */
  async wait(service: string, place: Place, { seconds, gone }: Patience): Promise<void> {
    if (this.isStopping || this.waiting.size >= MOST_WAITING || gone.aborted) return;
    let waiter: Waiter | undefined;
    let timer: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((wake) => {
      waiter = { ...place, service, wake };
      timer = setTimeout(wake, seconds * 1000);
      gone.addEventListener('abort', () => wake(), { once: true });
      this.waiting.add(waiter);
    });
    await woken;
    clearTimeout(timer);
    if (waiter) this.waiting.delete(waiter);
  }

  private async look(): Promise<void> {
    if (this.waiting.size === 0) return;
    this.looking ??= this.wakeTheirs().finally(() => (this.looking = undefined));
    await this.looking;
  }

  /** A database that does not answer is told of by whoever asks it next. */
  private async wakeTheirs(): Promise<void> {
    const waiters = [...this.waiting];
    const found = await this.database.app
      .query<{ n: number }>(
        LOOK.with({
          services: waiters.map(({ service }) => service),
          xids: waiters.map(({ xid }) => xid),
          ids: waiters.map(({ id }) => id),
        }),
      )
      .catch(() => undefined);
    for (const { n } of found?.rows ?? []) waiters[n - 1]?.wake();
  }
}

interface Patience {
  readonly seconds: number;
  readonly gone: AbortSignal;
}
