import { Module } from '@nestjs/common';
import { AttachmentsController } from './attachments.controller.js';
import { AttachmentsService } from './attachments.service.js';
import { UploadsJob } from './uploads.job.js';

@Module({
  controllers: [AttachmentsController],
  providers: [AttachmentsService, UploadsJob],
  exports: [AttachmentsService],
})
export class HandoffsModule {}
