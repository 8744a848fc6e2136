import { Module } from '@nestjs/common';
import { CharterModule } from '../charter/index.js';
import { LogModule } from '../log/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { AcknowledgeAct } from './acts/acknowledge.js';
import { CarryAct } from './acts/carry.js';
import { ChainReader } from './common/chain.js';
import { Clock } from './erasing/clock.js';
import { Contexts } from './common/context.js';
import { ErasuresController } from './erasing/erasures.controller.js';
import { ErasureListJob } from './erasing/erasure-list.job.js';
import { Erasures } from './erasing/erasures.js';
import { NoteAct } from './acts/notes.js';
import { MessagesController } from './messages/messages.controller.js';
import { PostMessageAct } from './messages/post-message.js';
import { ThreadReader } from './messages/thread.js';
import { OwnReader } from './reading/own.js';
import { ReferralReader } from './reading/read.js';
import { ReferralsController } from './referrals.controller.js';
import { RenewAct } from './acts/renew.js';
import { SendAct } from './sending/send.js';
import { SourceChain } from './acts/source-chain.js';
import { TransitionAct } from './acts/transition.js';
import { VoidAct } from './acts/void.js';
import { WithdrawAct } from './erasing/withdraw.js';

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
