import { ApiProperty } from '@nestjs/swagger';

/** RFC 6749 and 7523; each parameter once. */
export class TokenForm {
  @ApiProperty({ enum: ['client_credentials'] })
  readonly grant_type!: string;

  /** The device's id. */
  @ApiProperty({ example: '4d1f0e5a-7b1c-4b7e-9f0a-2c3d4e5f6a7b' })
  readonly client_id!: string;

  @ApiProperty({ enum: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'] })
  readonly client_assertion_type!: string;

  /**
   * JWT by the certificate's `auth` key: `iss` = `sub` = `client_id`, `aud` = the issuer, at most 300 s,
   * once.
   */
  readonly client_assertion!: string;
}

export class TokenAnswer {
  readonly access_token!: string;

  @ApiProperty({ enum: ['DPoP'] })
  readonly token_type!: string;

  /** Seconds. */
  @ApiProperty({ example: 300 })
  readonly expires_in!: number;
}

/** RFC 6749, section 5.2. */
export class TokenErrorAnswer {
  @ApiProperty({
    enum: [
      'invalid_request',
      'invalid_client',
      'invalid_dpop_proof',
      'unsupported_grant_type',
      'use_dpop_nonce',
    ],
  })
  readonly error!: string;
}

/** RFC 8414. */
export class ServerMetadataAnswer {
  readonly issuer!: string;
  readonly token_endpoint!: string;
  readonly grant_types_supported!: string[];
  readonly response_types_supported!: string[];
  readonly token_endpoint_auth_methods_supported!: string[];
  readonly token_endpoint_auth_signing_alg_values_supported!: string[];
  readonly dpop_signing_alg_values_supported!: string[];
}
