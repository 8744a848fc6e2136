import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { leafHash } from '../../src/protocol/log/merkle.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { openCheckpoint, verifyProof } from '../../src/protocol/log/proof.js';
import { publishedPaths } from '../../src/protocol/log/tiles.js';
import { Database, transaction } from '../../src/database/index.js';
import { Damage } from '../../src/server/common/damage.js';
import { CommonModule } from '../../src/server/common/common.module.js';
import { DomainError, ProblemFilter } from '../../src/server/common/errors/index.js';
import { Config } from '../../src/server/config/index.js';
import { appendRegistryEntries, LogModule, LogService } from '../../src/server/log/index.js';
import { givenDatabase } from '../support/machines/database.js';

let app: NestFastifyApplication;
let directory: string;
let log: LogService;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'relais-http-'));
  const settings = {
    data: directory,
    erasures: [join(directory, 'erasures')],
    host: '127.0.0.1',
    port: 0,
    issuer: 'http://127.0.0.1',
    requestsPerMinute: 600,
    sequenceEveryMs: 1000,
    proxies: [],
    webhookRanges: [],
  };
  const config = new Config({ ...settings, urls: await givenDatabase() });
  @Module({ imports: [CommonModule.with(config), LogModule] })
  class Logs {}
  app = await NestFactory.create<NestFastifyApplication>(Logs, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(app.get(Damage)));
  app.useGlobalPipes(
    new ValidationPipe({ transform: true, exceptionFactory: () => new DomainError('input_invalid') }),
  );
  await app.listen(0, '127.0.0.1');
  log = app.get(LogService);
});

afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly type: string | null;
  readonly cache: string | null;
  readonly text: string;
}

async function get(path: string): Promise<Got> {
  const answer = await fetch((await app.getUrl()) + path);
  const { status, headers } = answer;
  return {
    status,
    type: headers.get('content-type'),
    cache: headers.get('cache-control'),
    text: await answer.text(),
  };
}

async function register(...texts: string[]): Promise<bigint[]> {
  return transaction(app.get(Database).app, (tx) => appendRegistryEntries(tx, texts));
}

describe('the public log', () => {
  it('signs, and shows checkpoint and policy from the first answer on', async () => {
    expect(log.signing).toEqual({ able: true });
    for (const name of ['consent', 'registry'] as const) {
      const answer = await get(`/log/${name}/${log.identity[name].year}/checkpoint`);
      expect([answer.status, answer.type, answer.cache]).toEqual([
        200,
        'text/plain; charset=utf-8',
        'no-cache',
      ]);
      const policy = await get(`/log/${name}/${log.identity[name].year}/policy`);
      expect(openCheckpoint(answer.text, parsePolicy(policy.text)).checkpoint.origin).toBe(
        log.identity[name].origin,
      );
    }
  });

  it('holds a registry entry as soon as its transaction is sequenced', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `entry ${i}`);
    const indexes = await register(...texts);
    expect(await log.registrySequenced(indexes.at(-1) ?? -1n)).toBe(true);
    const proof = (await log.registryProof(299n)) ?? '';
    const policy = parsePolicy(log.identity.policy);
    expect(verifyProof(proof, leafHash(utf8('entry 299')), policy).size).toBe(300n);
    const checkpoint = await get(`/log/registry/${log.identity.registry.year}/checkpoint`);
    expect(openCheckpoint(checkpoint.text, policy).checkpoint.size).toBe(300n);
    for (const path of publishedPaths(300n)) {
      const answer = await get(`/log/registry/${log.identity.registry.year}/${path}`);
      expect([answer.status, answer.type, answer.cache]).toEqual([
        200,
        'application/octet-stream',
        'public, max-age=31536000, immutable',
      ]);
    }
  });

  it('has nothing else, and lets nobody keep that answer', async () => {
    const { year } = log.identity.registry;
    const missing = [
      'tile/0/001.p/45',
      'tile/entries/002',
      'tile/0/1',
      'tile/0/x000/001',
      'tile/1/000',
      'tile/0/000.p/256',
      'tile/0/..%2f..%2f000',
    ];
    for (const path of [
      ...missing.map((tile) => `registry/${year}/${tile}`),
      'registry/2001/checkpoint',
      'registry/2001/policy',
    ]) {
      const answer = await get(`/log/${path}`);
      expect([path, answer.status, answer.cache]).toEqual([path, 404, null]);
    }
    for (const path of ['other/2026/checkpoint', 'registry/26/checkpoint'])
      expect((await get(`/log/${path}`)).status).toBe(400);
  });

  it('does not wait for an entry that does not come', async () => {
    expect(await log.registrySequenced(1000n, 50)).toBe(false);
  });
});
