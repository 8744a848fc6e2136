import { Module } from '@nestjs/common';
import { HandoffsModule } from '../handoffs/index.js';
import { LogModule } from '../log/index.js';
import { ReferralsModule } from '../referrals/index.js';
import { KnownReceipts } from './known-receipts.js';
import { ReadingController } from './reading.controller.js';
import { ReceiptsController } from './receipts.controller.js';
import { SpeakingController } from './speaking.controller.js';

@Module({
  imports: [LogModule, HandoffsModule, ReferralsModule],
  controllers: [ReceiptsController, ReadingController, SpeakingController],
  providers: [KnownReceipts],
  exports: [KnownReceipts],
})
export class ReceiptsModule {}
