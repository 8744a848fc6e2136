import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IsWanted } from '../../../database/index.js';

/** Whether the client of this request is still there; for `transaction`, where a key has not already brought it along. */
export const Wanted = createParamDecorator((_: unknown, context: ExecutionContext): IsWanted =>
  isWanted(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function isWanted({ socket }: FastifyRequest): IsWanted {
  return () => !socket.destroyed;
}
