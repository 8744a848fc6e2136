import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { PlacedError } from './places.js';
import { ERROR_CODES, type Problem } from './problem.js';

/** Where something is wrong, and never what stands there. */
export class PlacedErrorAnswer implements PlacedError {
  /** JSON pointer (RFC 6901) into the body; empty for the whole of it. */
  readonly pointer?: string;

  /** JSON pointer into what the member holds: the payload of a signed object, or JSON as text. */
  readonly inside?: string;

  /** Name of a parameter of the query or the path. */
  readonly parameter?: string;

  readonly header?: string;

  readonly detail!: string;
}

/** RFC 9457. It says nothing that anybody sent. */
export class ProblemAnswer implements Problem {
  /** `/problems/‹code›`, relative to the server. */
  @ApiProperty({ enum: ERROR_CODES.map((code) => `/problems/${code}`) })
  readonly type!: string;

  readonly title!: string;

  readonly status!: number;

  /** The request, by the id that `Request-Id` carries as well: an operator finds it in the server's log. */
  @ApiProperty({ format: 'uri', example: 'urn:uuid:5f0c8a3e-0f43-4a0c-9d2c-3f6b1f6a1c77' })
  readonly instance!: string;

  /** With `input_invalid` and `statement_invalid`. */
  @ApiPropertyOptional({ type: [PlacedErrorAnswer] })
  readonly errors?: readonly PlacedError[];
}
