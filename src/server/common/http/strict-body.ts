import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseStrict } from '../../../protocol/encoding/json.js';
import { Refused } from '../../../protocol/encoding/errors.js';
import { DomainError } from '../errors/index.js';

/** Largest JSON body: a send with the largest bucket, three wraps and two statements takes about 100 KiB. */
export const BODY_LIMIT = 192 * 1024;
const FORM_LIMIT = 16 * 1024;

/**
 * The strict body stage, before Nest: only JSON (and the token endpoint's form), no encodings, parsed as
 * signed objects are. What a parser would repair or overlook is refused here.
 */
export function addStrictBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    (request, body, done) => {
      request.bodyBytes = body as Buffer;
      // many programs name the type of every request, whether it has a body or not
      parseWith(request, done, () => (body.length === 0 ? undefined : parseJson(body as Buffer)));
    },
  );
  const form = 'application/x-www-form-urlencoded';
  fastify.addContentTypeParser(form, { parseAs: 'buffer', bodyLimit: FORM_LIMIT }, (request, body, done) => {
    parseWith(request, done, () => parseForm(body as Buffer));
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON body as it was sent. */
    bodyBytes?: Buffer;
  }
}

type Done = (error: Error | null, body?: unknown) => void;

function parseWith(request: FastifyRequest, done: Done, parse: () => unknown): void {
  try {
    if (request.headers['content-encoding'] !== undefined)
      throw new DomainError('input_invalid', { header: 'Content-Encoding', detail: 'unknown' });
    done(null, parse());
  } catch (error) {
    done(error instanceof Refused ? notJson(error) : (error as Error));
  }
}

/** A body is an object: every route here takes named members. */
function parseJson(bytes: Buffer): unknown {
  const body = parseStrict(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new DomainError('input_invalid', { pointer: '', detail: 'form' });
  return body;
}

/** Where the text is no JSON as it is taken here; a member is named up to what no format has. */
function notJson({ pointer = '' }: Refused): DomainError {
  return new DomainError('input_invalid', { pointer, detail: 'form' });
}

/** As it was sent, doubled parameters too: the token endpoint refuses those in words of its own. */
function parseForm(bytes: Buffer): URLSearchParams {
  return new URLSearchParams(bytes.toString('latin1'));
}
