import { Module } from '@nestjs/common';
import { LogModule } from '../log/index.js';
import { ReferralsModule } from '../referrals/index.js';
import { ReceiptsController } from './receipts.controller.js';

@Module({ imports: [LogModule, ReferralsModule], controllers: [ReceiptsController] })
export class ReceiptsModule {}
