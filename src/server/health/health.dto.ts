import { ApiProperty } from '@nestjs/swagger';
import type { Job } from '../common/jobs.js';

export class LivenessAnswer {
  @ApiProperty({ enum: ['pass'] })
  readonly status!: string;
}

class ChecksAnswer {
  readonly database!: boolean;
  readonly signing!: boolean;
}

class LastSuccessAnswer implements Record<Job, string | null> {
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly sequencer!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly clock!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly uploads!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly holds!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly expiry!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly statistics!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly witnesses!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly audits!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly erasures!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly telling!: string | null;
}

export class ReadinessAnswer {
  @ApiProperty({ enum: ['pass', 'fail'] })
  readonly status!: string;

  readonly checks!: ChecksAnswer;

  /** When each job of this process last succeeded; null before its first time. */
  readonly lastSuccess!: LastSuccessAnswer;
}
