import { Module } from '@nestjs/common';
import { LogModule } from '../log/index.js';
import { Bell } from './events/bell.js';
import { EventPages } from './events/event-pages.js';
import { EventsController } from './events/events.controller.js';
import { EventsService } from './events/events.service.js';
import { Places } from './events/places.js';
import { Waiters } from './events/waiters.js';
import { MailNoticesController } from './mail/mail-notices.controller.js';
import { MailNoticesService } from './mail/mail-notices.service.js';
import { Mailer } from './mail/mailer.js';
import { Notices } from './mail/notices.js';
import { SealedTexts } from './sealed-texts.js';
import { TellingJob } from './telling.job.js';
import { Deliveries } from './webhooks/deliveries.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

@Module({
  imports: [LogModule],
  controllers: [EventsController, WebhooksController, MailNoticesController],
  providers: [
    Bell,
    Deliveries,
    EventPages,
    EventsService,
    Mailer,
    MailNoticesService,
    Notices,
    Places,
    SealedTexts,
    TellingJob,
    Waiters,
    WebhooksService,
  ],
})
export class NotificationsModule {}
