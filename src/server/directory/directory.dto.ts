import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsId } from '../common/validation/index.js';
import type { ServiceStatus } from './directory.service.js';

const STATUSES = ['open', 'closed'];
const SERVICE = 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04';

export class ServiceParams {
  @ApiProperty({ example: SERVICE })
  @IsId()
  readonly id!: string;
}

export class ServiceOrganisationAnswer {
  @ApiProperty({ example: '6d2c1f0a-7a44-4c0e-8d55-90c2a4be1f02' })
  readonly id!: string;

  @ApiProperty({ example: 'La Ruelle (invented)' })
  readonly name!: string;
}

export class ListedServiceAnswer {
  @ApiProperty({ example: SERVICE })
  readonly id!: string;

  @ApiProperty({ example: 'Accueil de jour (invented)' })
  readonly name!: string;

  @ApiProperty()
  readonly organisation!: ServiceOrganisationAnswer;

  @ApiProperty({ enum: STATUSES, description: 'whether it takes new referrals' })
  readonly status!: ServiceStatus;
}

export class ServicesAnswer {
  @ApiProperty({ type: () => [ListedServiceAnswer] })
  readonly items!: readonly ListedServiceAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

/**
 * To seal to a service, check the proof **and** follow the registry: inclusion alone does not show that a key
 * is current.
 */
export class ServiceAnswer extends ListedServiceAnswer {
  @ApiProperty({ description: 'service-key+jws of the epoch that holds today' })
  readonly serviceKey!: string;

  @ApiProperty({ description: 'C2SP tlog-proof of that entry in the registry log' })
  readonly proof!: string;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'its profile as published; null where none was',
  })
  readonly profile!: string | null;
}

export class ServiceStatusDto {
  @ApiProperty({ enum: STATUSES, example: 'closed' })
  @IsIn(STATUSES)
  readonly status!: ServiceStatus;
}

export class ServiceStatusAnswer extends ServiceStatusDto {}
