import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { ExpiryJob } from './expiry.job.js';
import { Nonces } from './nonces.js';
import { Proofs } from './proofs.js';
import { TokenController } from './token.controller.js';
import { TokenService } from './token.service.js';

@Module({
  imports: [DiscoveryModule],
  controllers: [TokenController],
  providers: [Nonces, Proofs, TokenService, ExpiryJob, { provide: APP_GUARD, useClass: AccessGuard }],
})
export class AuthModule {}
