import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, MaxLength, MinLength } from 'class-validator';
import { IsBase64url, IsJws, IsPart } from '../../common/validation/index.js';
import { examples } from '../examples.js';

/** A few associations found together; later ones come by vote. */
const FOUNDERS = 64;
const SERVICE_KEYS = 64;
const BOX = { min: 1216, max: 1216 };

export class FoundingCharterDto {
  @ApiProperty({ description: 'RFC 8785 JSON', example: examples.charterText })
  @IsString()
  @MinLength(2)
  @MaxLength(131_072)
  readonly text!: string;

  @ApiProperty({
    description: 'one charter+jws by each founder’s root',
    example: [examples.charterSignature],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(FOUNDERS)
  @IsJws(4096, { each: true })
  readonly signatures!: string[];
}

export class FirstDeviceDto {
  @ApiProperty({ description: 'device-certificate+jws', example: examples.certificate })
  @IsJws(16_384)
  readonly certificate!: string;

  @ApiProperty({ description: 'X-Wing public key whose id the certificate names', example: examples.box })
  @IsBase64url(BOX)
  readonly box!: string;
}

/** The whole founding in one request: accepted as a whole or not at all. */
export class FoundingDto {
  @ApiProperty({
    description: 'the one-time token that the server wrote at its first start',
    example: examples.token,
  })
  @IsString()
  @MinLength(1)
  @MaxLength(128)
  readonly token!: string;

  @ApiProperty({
    description: 'organisation+jws, each by its own root',
    example: [examples.organisationEntry],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(FOUNDERS)
  @IsJws(4096, { each: true })
  readonly organisations!: string[];

  @ApiProperty()
  @IsPart(() => FoundingCharterDto)
  readonly charter!: FoundingCharterDto;

  @ApiProperty({ description: 'coordinator-key+jws, each by a root', example: [examples.coordinatorKey] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(2 * FOUNDERS)
  @IsJws(4096, { each: true })
  readonly coordinatorKeys!: string[];

  @ApiProperty({ description: 'service-key+jws, each by a coordinator', example: [examples.serviceKey] })
  @IsArray()
  @ArrayMaxSize(SERVICE_KEYS)
  @IsJws(8192, { each: true })
  readonly serviceKeys!: string[];

  @ApiProperty({ type: () => [FirstDeviceDto] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(2 * FOUNDERS)
  @IsPart(() => FirstDeviceDto, { each: true })
  readonly devices!: FirstDeviceDto[];
}

export class FoundingAnswer {
  @ApiProperty({ description: 'entries in the registry', example: 11 })
  readonly registrySize!: number;
}
