import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsBase64url, IsId, IsJws } from '../../common/validation/index.js';
import { examples } from '../examples.js';

export class NewDeviceDto {
  @ApiProperty({ description: 'device-certificate+jws by a coordinator', example: examples.certificate })
  @IsJws(16_384)
  readonly certificate!: string;

  @ApiProperty({ description: 'X-Wing public key whose id the certificate names', example: examples.box })
  @IsBase64url({ min: 1216, max: 1216 })
  readonly box!: string;

  @ApiPropertyOptional({
    description: 'thumbprint of the code that the device joined with',
    example: examples.kid,
  })
  @IsOptional()
  @IsBase64url({ min: 32, max: 32 })
  readonly invitation?: string;
}

export class NewDeviceAnswer {
  @ApiProperty({ example: examples.device })
  readonly device!: string;
}

export class DeviceParams {
  @ApiProperty({ example: examples.device })
  @IsId()
  readonly id!: string;
}

export class GrantedEpoch {
  @ApiProperty({ example: examples.service.id })
  readonly service!: string;

  @ApiProperty({ example: '2026-11.1' })
  readonly epoch!: string;
}

export class DeviceAnswer {
  @ApiProperty({ example: examples.device })
  readonly device!: string;

  @ApiProperty({ example: examples.certificate })
  readonly certificate!: string;

  @ApiProperty({ example: examples.box })
  readonly box!: string;

  @ApiProperty()
  readonly revoked!: boolean;

  @ApiProperty({ description: 'epochs whose seeds were sealed to it', type: () => [GrantedEpoch] })
  readonly grants!: readonly GrantedEpoch[];
}

export class DevicesAnswer {
  @ApiProperty({ type: () => [DeviceAnswer] })
  readonly items!: readonly DeviceAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

export class DeviceRevocationDto {
  @ApiProperty({ description: 'device-revocation+jws by a coordinator', example: examples.deviceRevocation })
  @IsJws(16_384)
  readonly revocation!: string;
}
