import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ValidationPipe } from '@nestjs/common';
import { AgreementsModule } from './server/agreements/index.js';
import { AuditModule } from './server/audit/index.js';
import { AuthModule } from './server/auth/index.js';
import { CharterModule } from './server/charter/index.js';
import { CommonModule } from './server/common/common.module.js';
import { DomainError, ProblemFilter } from './server/common/errors/index.js';
import type { Config } from './server/config/index.js';
import { DirectoryModule } from './server/directory/index.js';
import { HandoffsModule } from './server/handoffs/index.js';
import { HealthModule } from './server/health/index.js';
import { LogModule } from './server/log/index.js';
import { NotificationsModule } from './server/notifications/index.js';
import { OrganisationsModule } from './server/organisations/index.js';
import { ReceiptsModule } from './server/receipts/index.js';
import { ReferralsModule } from './server/referrals/index.js';
import { StatisticsModule } from './server/statistics/index.js';

/** Unknown members are refused, and no answer says which value was wrong. */
const pipe = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  transform: true,
  exceptionFactory: () => new DomainError('input_invalid'),
});

@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CommonModule.with(config),
        AuthModule,
        HealthModule,
        LogModule,
        CharterModule,
        OrganisationsModule,
        DirectoryModule,
        AgreementsModule,
        HandoffsModule,
        ReferralsModule,
        ReceiptsModule,
        StatisticsModule,
        AuditModule,
        NotificationsModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: pipe },
      ],
    };
  }
}
