import { Module } from '@nestjs/common';
import { CharterModule } from '../charter/index.js';
import { LogModule } from '../log/index.js';
import { DevicesController } from './devices/devices.controller.js';
import { DevicesService } from './devices/devices.service.js';
import { EnrolmentService } from './enrolment.service.js';
import { FoundingController } from './founding/founding.controller.js';
import { FoundingService } from './founding/founding.service.js';
import { GrantsController } from './grants/grants.controller.js';
import { GrantsService } from './grants/grants.service.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { OwnInvitationController } from './invitations/own-invitation.controller.js';
import { NetworkController } from './network.controller.js';
import { NetworkService } from './network.service.js';
import { RecoveryService } from './recovery.service.js';
import { EntriesController } from './registry/entries.controller.js';
import { EntriesService } from './registry/entries.service.js';
import { RegistryService } from './registry/registry.service.js';

@Module({
  imports: [CharterModule, LogModule],
  controllers: [
    NetworkController,
    FoundingController,
    EntriesController,
    DevicesController,
    InvitationsController,
    OwnInvitationController,
    GrantsController,
  ],
  providers: [
    NetworkService,
    RegistryService,
    FoundingService,
    EntriesService,
    DevicesService,
    InvitationsService,
    GrantsService,
    EnrolmentService,
    RecoveryService,
  ],
  exports: [RegistryService, FoundingService, EntriesService],
})
export class OrganisationsModule {}
