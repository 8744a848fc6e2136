import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, Matches } from 'class-validator';
import { IsBase64url, IsId, IsJws } from '../../common/validation/index.js';
import { examples } from '../examples.js';
import type { InvitationState, InvitedRole } from './invitations.service.js';

const ROLES = ['worker', 'coordinator', 'auditor', 'observer'];
const STATES = ['open', 'requested', 'certified', 'expired'];

export class NewInvitationDto {
  @ApiProperty({ description: 'raw Ed25519 key of the code', example: examples.codeKey })
  @IsBase64url({ min: 32, max: 32 })
  readonly key!: string;

  @ApiProperty({ enum: ROLES, example: 'worker' })
  @IsIn(ROLES)
  readonly role!: InvitedRole;

  @ApiProperty({ description: 'services of one’s own organisation', example: [examples.service.id] })
  @IsArray()
  @ArrayMaxSize(64)
  @ArrayUnique()
  @IsId({ each: true })
  readonly services!: string[];

  @ApiProperty({ description: 'at most 24 hours from now', example: '2026-11-02T17:00:00.000Z' })
  @Matches(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?Z$/)
  readonly expires!: string;

  @ApiProperty({ description: 'sealed under the code', example: examples.welcome })
  @IsBase64url({ min: 29, max: 32_768 })
  readonly welcome!: string;
}

export class NewInvitationAnswer {
  @ApiProperty({ description: 'thumbprint of the code’s key', example: examples.kid })
  readonly kid!: string;
}

export class ListedInvitationAnswer {
  @ApiProperty({ example: examples.kid })
  readonly kid!: string;

  @ApiProperty({ description: 'raw Ed25519 key of the code', example: examples.codeKey })
  readonly key!: string;

  @ApiProperty({ enum: ROLES })
  readonly role!: InvitedRole;

  @ApiProperty({ example: [examples.service.id] })
  readonly services!: readonly string[];

  @ApiProperty({ example: '2026-11-02T17:00:00.000Z' })
  readonly expires!: string;

  @ApiProperty({ enum: STATES })
  readonly state!: InvitationState;

  @ApiPropertyOptional({
    description: 'device-request+jws, once a device has asked',
    example: examples.deviceRequest,
  })
  readonly request?: string;
}

export class InvitationsAnswer {
  @ApiProperty({ type: () => [ListedInvitationAnswer] })
  readonly items!: readonly ListedInvitationAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

export class OwnInvitationAnswer {
  @ApiProperty({ enum: STATES })
  readonly state!: InvitationState;

  @ApiProperty({ enum: ROLES })
  readonly role!: InvitedRole;

  @ApiProperty({ example: [examples.service.id] })
  readonly services!: readonly string[];

  @ApiProperty({ description: 'sealed under the code', example: examples.welcome })
  readonly welcome!: string;

  @ApiPropertyOptional({ example: examples.device })
  readonly device?: string;

  @ApiPropertyOptional({ example: examples.certificate })
  readonly certificate?: string;

  @ApiPropertyOptional({ description: 'key-grant+jws for the new device', example: [examples.grant] })
  readonly grants?: readonly string[];
}

export class DeviceRequestDto {
  @ApiProperty({
    description: 'device-request+jws, signed with the code’s key',
    example: examples.deviceRequest,
  })
  @IsJws(16_384)
  readonly request!: string;
}
