import { ApiProperty } from '@nestjs/swagger';
import type { Job } from '../common/jobs.js';

export class LivenessAnswer {
  @ApiProperty({ enum: ['pass'] })
  readonly status!: string;
}

class ChecksAnswer {
  readonly database!: boolean;

  /**
   * The database is no older than what was signed; otherwise nothing is served before it is restored openly.
   */
  readonly current!: boolean;

  readonly signing!: boolean;

  /** There is room on the disk; otherwise new content is refused, and withdrawals go on. */
  readonly room!: boolean;

  /** No damaged page of the database was met since the start. */
  readonly whole!: boolean;
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
  @ApiProperty({ enum: ['pass', 'warn', 'fail'] })
  readonly status!: string;

  readonly checks!: ChecksAnswer;

  /** When each job of this process last succeeded; null before its first time. */
  readonly lastSuccess!: LastSuccessAnswer;
}
