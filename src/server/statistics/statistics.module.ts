import { Module } from '@nestjs/common';
import { CharterModule } from '../charter/index.js';
import { ReferralsModule } from '../referrals/index.js';
import { FeedbackController } from './feedback.controller.js';
import { FeedbackJob } from './feedback.job.js';
import { FeedbackService } from './feedback.service.js';

@Module({
  imports: [CharterModule, ReferralsModule],
  controllers: [FeedbackController],
  providers: [FeedbackService, FeedbackJob],
})
export class StatisticsModule {}
