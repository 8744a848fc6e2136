import { Module } from '@nestjs/common';
import { CharterController } from './charter.controller.js';
import { CharterService } from './charter.service.js';

@Module({
  controllers: [CharterController],
  providers: [CharterService],
  exports: [CharterService],
})
export class CharterModule {}
