import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { connectionOptions, Database } from '../../../database/index.js';
import { Config } from '../../config/index.js';

/** Acts that end close together ring once. */
const TOGETHER_MS = 50;
const AGAIN_MS = 2_000;

/**
 * Tells every process that something was written. It rings after the answer and not in the act's transaction:
 * NOTIFY there would let one transaction commit at a time. So a ring can be lost, with the process that owed
 * it; whoever listens looks now and then by itself.
 */
@Injectable()
export class Bell implements OnModuleInit, OnApplicationShutdown {
  private readonly listeners: (() => void)[] = [];
  private readonly stopping = new AbortController();
  private client: pg.Client | undefined;
  private ringing: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly host: HttpAdapterHost,
  ) {}

  onRing(listener: () => void): void {
    this.listeners.push(listener);
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onResponse', (request, reply, done) => {
      if (request.method === 'POST' && reply.statusCode < 300) this.ring();
      done();
    });
    void this.listen();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.ringing);
    await this.client?.end().catch(() => undefined);
  }

  ring(): void {
    this.ringing ??= setTimeout(() => {
      this.ringing = undefined;
      this.database.app.query('NOTIFY relais_events').catch(() => undefined);
    }, TOGETHER_MS);
  }

  /** One connection for the whole process, however many clients wait; made again whenever it ends. */
  private async listen(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.listenOnce().catch(() => undefined);
      await pause(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async listenOnce(): Promise<void> {
    const client = new pg.Client(connectionOptions(this.config.urls.application));
    this.client = client;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', () => undefined);
    client.on('notification', () => this.tell());
    await client.connect();
    await client.query('LISTEN relais_events');
    // whatever rang while nobody listened
    this.tell();
    await ended;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
