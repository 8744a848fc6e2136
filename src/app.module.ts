import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AgreementsModule } from './server/agreements/index.js';
import { AuditModule } from './server/audit/index.js';
import { AuthModule } from './server/auth/index.js';
import { CharterModule } from './server/charter/index.js';
import { CommonModule } from './server/common/common.module.js';
import { ProblemFilter } from './server/common/errors/index.js';
import { InputPipe } from './server/common/validation/input.pipe.js';
import type { Config } from './server/config/index.js';
import { DirectoryModule } from './server/directory/index.js';
import { HandoffsModule } from './server/handoffs/index.js';
import { HealthModule } from './server/health/index.js';
import { LogModule } from './server/log/index.js';
import { NotificationsModule } from './server/notifications/index.js';
import { ProblemsModule } from './server/problems/index.js';
import { ReferenceModule } from './server/reference/index.js';
import { OrganisationsModule } from './server/organisations/index.js';
import { ReceiptsModule } from './server/receipts/index.js';
import { ReferralsModule } from './server/referrals/index.js';
import { StatisticsModule } from './server/statistics/index.js';

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
        ProblemsModule,
        ReferenceModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: InputPipe },
      ],
    };
  }
}
