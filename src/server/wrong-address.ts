import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DOOR_LANGUAGES } from '../protocol/registry/web-manifest.js';

/** Their answers are programs' affair, whoever asks. */
const API = /^[/](v1|hsds|log|health|docs|assets|problems|openapi[.]json|[.]well-known)([/]|$)/;
/** Pages with an address that people type. */
const TYPED = ['receipt', 'audit', 'today'];

/** Answers a request with the page of this address. */
export type Deliver = (path: string, request: FastifyRequest, reply: FastifyReply) => unknown;

/**
 * What a browser gets where there is nothing: the page that was meant, where the address was typed in
 * capitals, with a slash or with more behind it; else one that helps, in the reader's language. Programs get
 * what they have always got.
 */
export function addWrongAddresses(fastify: FastifyInstance, deliver: Deliver): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    if (!request.is404 || API.test(path) || !isBrowser(request)) return undefined;
    void reply.header('vary', 'accept, accept-language, accept-encoding');
    const meant = pageOf(path);
    // the browser keeps what stands behind `#`; what was typed behind the name may be a code, and goes
    if (meant !== undefined) return reply.redirect(meant, 302);
    const language = languageOf(request.headers['accept-language'] ?? '');
    void reply.status(path === '/' ? 200 : 404).header('content-language', language);
    return deliver(`/doors/${language}`, request, reply);
  });
}

function isBrowser({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/i.test(headers.accept ?? '');
}

function pageOf(path: string): string | undefined {
  const [, name = ''] = /^[/]+([a-z]+)(?![a-z])/.exec(plain(path)) ?? [];
  return TYPED.includes(name) ? `/${name}` : undefined;
}

function plain(path: string): string {
  try {
    return decodeURIComponent(path).normalize('NFKC').trim().toLowerCase();
  } catch {
    return path.toLowerCase();
  }
}

/** The first of the reader's languages, by its weight (RFC 9110, section 12.5.4), that the page speaks. */
function languageOf(header: string): (typeof DOOR_LANGUAGES)[number] {
  const asked = header.split(',').map((each) => {
    const [tag = '', ...more] = each
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const weight = Number(more.find((part) => part.startsWith('q='))?.slice(2) ?? 1);
    return { tag: tag.split('-')[0], weight };
  });
  const wanted = asked.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  const spoken = wanted.map(({ tag }) => DOOR_LANGUAGES.find((language) => language === tag));
  return spoken.find((language) => language !== undefined) ?? 'fr';
}
