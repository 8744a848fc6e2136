import { Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../common/access/index.js';
import { Config } from '../config/index.js';
import { Nonces } from './nonces.js';
import { StaleNonce } from './proofs.js';
import { ServerMetadataAnswer, TokenAnswer, TokenErrorAnswer, TokenForm } from './token.dto.js';
import { TOKEN_SECONDS, TokenError, TokenService } from './token.service.js';

const ALGORITHMS = ['Ed25519', 'EdDSA', 'ES256'];

@ApiTags('access')
@Controller()
export class TokenController {
  constructor(
    private readonly tokens: TokenService,
    private readonly nonces: Nonces,
    private readonly config: Config,
  ) {}

  /** Authorisation server metadata (RFC 8414). */
  @Get('.well-known/oauth-authorization-server')
  @Access({ principal: 'public' })
  metadata(): ServerMetadataAnswer {
    const { issuer } = this.config;
    return {
      issuer,
      token_endpoint: `${issuer}/v1/token`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      dpop_signing_alg_values_supported: ALGORITHMS,
    };
  }

  /** A token of five minutes, bound to the key of the DPoP proof (RFC 6749, 7523, 9449). Body: a form. */
  @Post('v1/token')
  @Access({ principal: 'public' })
  @HttpCode(200)
  @ApiResponse({ status: 200, type: TokenAnswer })
  @Header('pragma', 'no-cache')
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiHeader({
    name: 'DPoP',
    required: true,
    description: 'Proof by the device’s key, with the server’s nonce.',
  })
  @ApiBody({ type: TokenForm })
  @ApiResponse({ status: 400, type: TokenErrorAnswer })
  @ApiResponse({ status: 401, type: TokenErrorAnswer })
  async token(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenAnswer | TokenErrorAnswer> {
    void reply.header('dpop-nonce', this.nonces.current());
    try {
      const token = await this.tokens.issue(requireForm(request.body), request.headers.dpop);
      return { access_token: token, token_type: 'DPoP', expires_in: TOKEN_SECONDS };
    } catch (error) {
      return this.refuse(error, reply);
    }
  }

  private refuse(error: unknown, reply: FastifyReply): TokenErrorAnswer {
    const isStale = error instanceof StaleNonce;
    if (!isStale && !(error instanceof TokenError)) throw error;
    void reply.status(isStale ? 400 : error.status);
    return { error: isStale ? 'use_dpop_nonce' : error.error };
  }
}

/** A form with each parameter once (RFC 6749, section 3.2). */
function requireForm(body: unknown): ReadonlyMap<string, string> {
  const pairs = body instanceof URLSearchParams ? [...body] : [];
  const form = new Map(pairs);
  if (pairs.length === 0 || form.size !== pairs.length) throw new TokenError('invalid_request');
  return form;
}
