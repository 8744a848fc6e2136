import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { formatManifest, webAppFiles } from '../protocol/registry/web-manifest.js';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addWrongAddresses } from './wrong-address.js';

/** What the build of src/web leaves: pages, and below assets/ what their names' hashes fix for ever. */
const ROOT = fileURLToPath(new URL('../../web/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * Nothing but what this server itself delivers: no inline script or style, no frame, no form that goes
 * anywhere. Pictures and files that the page makes are `blob:`; WebAssembly is libsodium's; the worker's
 * address is the one that its policy makes.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types relais-worker',
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
};

/**
 * Serves the built web app from this server's own origin, so that one command is enough. The few files are
 * read and packed once; no request names a path on the disk. `/web-app.sha256` lists them, so that partners
 * can watch what is delivered.
 */
export function addWebApp(app: INestApplication): void {
  if (!existsSync(ROOT)) return;
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  const files = webAppFiles(readdirSync(`${ROOT}assets`));
  const pages = new Map(files.map(([path, file]) => [path, read(file)]));
  for (const [path, page] of pages) fastify.get(path, (request, reply) => deliver(page, request, reply));
  addWrongAddresses(fastify, (path, request, reply) => deliver(pages.get(path) as Page, request, reply));
  const manifest = formatManifest(new Map([...pages].map(([path, { plain }]) => [path, plain])));
  fastify.get('/web-app.sha256', (_request, reply) =>
    reply
      .headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' })
      .send(manifest),
  );
}

interface Page {
  readonly plain: Buffer;
  readonly packed: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

function read(file: string): Page {
  const plain = readFileSync(ROOT + file);
  const caching = file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const headers = { ...HEADERS, 'content-type': type, 'cache-control': caching };
  return { plain, packed: gzipSync(plain, { level: 9 }), headers };
}

function deliver({ plain, packed, headers }: Page, request: FastifyRequest, reply: FastifyReply): unknown {
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const vary = reply.getHeader('vary') ?? HEADERS.vary;
  void reply.headers({ ...headers, vary: String(vary) });
  return takesGzip ? reply.header('content-encoding', 'gzip').send(packed) : reply.send(plain);
}
