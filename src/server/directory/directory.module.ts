import { Module } from '@nestjs/common';
import { CharterModule } from '../charter/index.js';
import { LogModule } from '../log/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { CapacityService } from './capacity/capacity.service.js';
import { DirectoryController } from './directory.controller.js';
import { DirectoryService } from './directory.service.js';
import { HoldsClock } from './capacity/holds.clock.js';
import { HsdsController } from './hsds/hsds.controller.js';
import { DirectorySnapshot } from './hsds/snapshot.js';
import { ProfilesController } from './profiles/profiles.controller.js';
import { ProfilesService } from './profiles/profiles.service.js';
import { SearchService } from './search/search.service.js';

@Module({
  imports: [CharterModule, LogModule, OrganisationsModule],
  controllers: [ProfilesController, DirectoryController, HsdsController],
  providers: [
    CapacityService,
    DirectoryService,
    DirectorySnapshot,
    HoldsClock,
    ProfilesService,
    SearchService,
  ],
  exports: [DirectoryService],
})
export class DirectoryModule {}
