import { ApiProperty } from '@nestjs/swagger';
import { ERROR_CODES, type Problem } from './problem.js';

/** RFC 9457. It says nothing that anybody sent. */
export class ProblemAnswer implements Problem {
  /** `/problems/‹code›`, relative to the server. */
  @ApiProperty({ enum: ERROR_CODES.map((code) => `/problems/${code}`) })
  readonly type!: string;

  readonly title!: string;

  readonly status!: number;
}
