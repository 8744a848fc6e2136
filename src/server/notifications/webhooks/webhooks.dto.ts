import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MaxLength, MinLength } from 'class-validator';
import { IsId, IsNormalUrl } from '../../common/validation/index.js';

const STATUSES = ['working', 'failing', 'failed'];

export class NewWebhookDto {
  /** A service of one's own organisation. */
  @ApiProperty({ example: 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04' })
  @IsId()
  readonly service!: string;

  @ApiProperty({
    minLength: 8,
    maxLength: 1000,
    description:
      'https, port 443 or 8443, at a public address; no user, password or fragment. In its normal form (WHATWG URL): lower-case scheme and host, no port 443, no dot segments, spaces and other letters percent-encoded. Kept as it is written',
    example: 'https://intake.example.org/relais',
  })
  @IsNormalUrl()
  @MinLength(8)
  @MaxLength(1000)
  readonly url!: string;
}

export class NewWebhookAnswer {
  readonly webhook!: string;

  @ApiProperty({
    description: 'for signatures v1 (HMAC-SHA256): `whsec_` and base64. Shown now, and never again.',
  })
  readonly secret!: string;

  @ApiProperty({ description: 'for signatures v1a (Ed25519): `whpk_` and base64' })
  readonly publicKey!: string;
}

export class WebhookAnswer {
  readonly webhook!: string;

  readonly service!: string;

  readonly url!: string;

  @ApiProperty({
    enum: STATUSES,
    description: 'failed: its receiver took nothing for three days, and no more is sent',
  })
  readonly status!: 'working' | 'failing' | 'failed';

  @ApiProperty({ type: 'string', format: 'date', nullable: true })
  readonly failedOn!: string | null;
}

export class WebhooksAnswer {
  @ApiProperty({ type: () => [WebhookAnswer] })
  readonly items!: readonly WebhookAnswer[];

  @ApiPropertyOptional({ description: 'cursor of the next page' })
  readonly next?: string;
}

export class RemovedWebhook {
  @ApiProperty({ example: '8a4e5c0e-6b1d-4f0a-9a59-7a9e0c9d8b11' })
  @IsId()
  readonly webhook!: string;
}
