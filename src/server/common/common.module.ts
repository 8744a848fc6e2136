import { Resolver } from 'node:dns/promises';
import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../database/index.js';
import { Config } from '../config/index.js';
import { Damage } from './damage.js';
import { Jobs } from './jobs.js';
import { Room } from './room.js';
import { Cursors, Idempotency, ServerSecret } from './http/index.js';

/** What every feature may use. */
@Global()
@Module({})
export class CommonModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  static with(config: Config): DynamicModule {
    const database = { provide: Database, useFactory: () => new Database(config.urls) };
    const shared = [
      { provide: Config, useValue: config },
      database,
      Idempotency,
      Cursors,
      Damage,
      Jobs,
      Room,
      ServerSecret,
      { provide: Resolver, useFactory: () => new Resolver({ timeout: 2_000, tries: 2 }) },
    ];
    return { module: CommonModule, providers: shared, exports: shared };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
