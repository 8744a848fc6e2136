import { Module } from '@nestjs/common';
import { LogModule } from '../log/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { DirectoryController } from './directory.controller.js';
import { DirectoryService } from './directory.service.js';

@Module({
  imports: [LogModule, OrganisationsModule],
  controllers: [DirectoryController],
  providers: [DirectoryService],
  exports: [DirectoryService],
})
export class DirectoryModule {}
