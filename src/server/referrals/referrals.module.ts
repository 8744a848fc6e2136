import { Module } from '@nestjs/common';
import { CharterModule } from '../charter/index.js';
import { LogModule } from '../log/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { AcknowledgeAct } from './acknowledge.js';
import { CarryAct } from './carry.js';
import { ChainReader } from './chain.js';
import { Clock } from './clock.js';
import { Contexts } from './context.js';
import { ErasuresController } from './erasures.controller.js';
import { ErasureListJob } from './erasure-list.job.js';
import { Erasures } from './erasures.js';
import { NoteAct } from './notes.js';
import { MessagesController } from './messages/messages.controller.js';
import { PostMessageAct } from './messages/post-message.js';
import { ThreadReader } from './messages/thread.js';
import { OwnReader } from './own.js';
import { ReferralReader } from './read.js';
import { ReferralsController } from './referrals.controller.js';
import { RenewAct } from './renew.js';
import { SendAct } from './send.js';
import { SourceChain } from './source-chain.js';
import { TransitionAct } from './transition.js';
import { VoidAct } from './void.js';
import { WithdrawAct } from './withdraw.js';

@Module({
  imports: [CharterModule, LogModule, OrganisationsModule],
  controllers: [ReferralsController, MessagesController, ErasuresController],
  providers: [
    ChainReader,
    Contexts,
    SendAct,
    AcknowledgeAct,
    TransitionAct,
    NoteAct,
    SourceChain,
    VoidAct,
    RenewAct,
    CarryAct,
    Erasures,
    WithdrawAct,
    ReferralReader,
    OwnReader,
    PostMessageAct,
    ThreadReader,
    Clock,
    ErasureListJob,
  ],
  exports: [WithdrawAct, OwnReader, ReferralReader, PostMessageAct, ThreadReader, RenewAct],
})
export class ReferralsModule {}
