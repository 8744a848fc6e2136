import { ApiProperty } from '@nestjs/swagger';
import { examples } from './examples.js';

export class LogKeyAnswer {
  @ApiProperty({ description: 'name without the year', example: `relais-${examples.network}/consent` })
  readonly name!: string;

  @ApiProperty({ example: `relais-${examples.network}/consent/2026` })
  readonly origin!: string;

  @ApiProperty({ description: 'verifier key (C2SP signed-note)' })
  readonly vkey!: string;
}

export class LogKeysAnswer {
  @ApiProperty()
  readonly consent!: LogKeyAnswer;

  @ApiProperty()
  readonly registry!: LogKeyAnswer;
}

/** What a newcomer is shown, and writes down, before believing anything else. */
export class NetworkAnswer {
  @ApiProperty({ example: examples.network })
  readonly network!: string;

  @ApiProperty({ description: 'audience of client assertions', example: 'https://relais.example' })
  readonly issuer!: string;

  @ApiProperty()
  readonly founded!: boolean;

  @ApiProperty({
    description: "today in the charter's time zone, by the server's clock",
    example: examples.today,
  })
  readonly today!: string;

  @ApiProperty({ format: 'date-time', description: "to the second, by the server's clock" })
  readonly now!: string;

  @ApiProperty()
  readonly logs!: LogKeysAnswer;

  @ApiProperty({
    description:
      'text of the C2SP tlog-policy that names both logs; with their witnesses it stands at /log/‹kind›/‹year›/policy',
  })
  readonly policy!: string;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'since when checkpoints wait for their witnesses, once that is longer than a day',
  })
  readonly unwitnessedSince!: string | null;
}
