import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: object }>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/** That it is what the server says of itself, `npm run openapi:check` holds. */
const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;
const { schemas, securitySchemes } = document.components;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const named = operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);

describe('the description of the API', () => {
  it.each(named)('declares every parameter of the path: %s', (_, { path, parameters = [] }) => {
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    const declared = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
    expect(declared.sort()).toEqual(inPath.sort());
  });

  it.each(named)('says who may ask, by schemes that it knows: %s', (_, { security }) => {
    expect(security).toHaveLength(1);
    for (const scheme of Object.keys(security?.[0] ?? {})) expect(securitySchemes).toHaveProperty([scheme]);
  });

  it.each(named)('gives every answer and refusal its form: %s', (_, { responses }) => {
    // 202 says only that the answer is not there yet
    for (const [status, { content }] of Object.entries(responses).filter(([code]) => code !== '202'))
      expect([status, [...new Set(Object.values(content ?? {}).map(({ schema }) => typeof schema))]]).toEqual(
        [status, ['object']],
      );
    expect(Object.keys(responses['4XX']?.content ?? {})).toEqual(['application/problem+json']);
  });

  it('names no schema that is not there, and leaves none without members', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(schemas).toHaveProperty([name.replace('#/components/schemas/', '')]);
    for (const [name, { properties = {} }] of Object.entries(schemas))
      expect([name, Object.keys(properties).length > 0]).toEqual([name, true]);
  });

  it('takes the form of the token route for what it is', () => {
    const token = document.paths['/v1/token']?.['post'];
    expect(Object.keys(token?.requestBody?.content ?? {})).toEqual(['application/x-www-form-urlencoded']);
  });
});

/** It is a POST so that what is sought stands in no URL; nothing of it is kept, no answer either. */
const isRead = (path: string): boolean => path === '/v1/services/search';

describe('every POST of a device', () => {
  let server: FoundedServer;
  const posts = operations.filter(
    ({ path, method, security }) => method === 'post' && security?.[0]?.['device'] && !isRead(path),
  );

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  it('needs an Idempotency-Key, and says so', async () => {
    expect(posts.length).toBeGreaterThan(6);
    for (const { path, parameters = [] } of posts) {
      expect([path, parameters.map(({ name }) => name)]).toEqual([
        path,
        expect.arrayContaining(['Idempotency-Key']),
      ]);
      const call = { method: 'POST', path: path.replace('{id}', newId()), body: {} } as const;
      const answer = server.network.clinique.coordinator.session.json(call);
      // whoever may not ask at all is not told what a request lacks
      const code = path === '/v1/audits' ? 'not_found' : 'idempotency_missing';
      await expect(answer).rejects.toMatchObject({ code });
    }
  });

  it('is done once: a service that was opened meanwhile is not closed by a repetition', async () => {
    const { coordinator, service } = server.network.clinique;
    const [path, idempotencyKey] = [`/v1/services/${service}/status`, newId()];
    const set = (status: string, key: string) =>
      coordinator.session.json({ method: 'POST', path, idempotencyKey: key, body: { status } });
    await set('closed', idempotencyKey);
    await set('open', newId());
    expect(await set('closed', idempotencyKey)).toEqual({ status: 'closed' });
    expect(await asOwner(server.urls, `SELECT status FROM service WHERE id = '${service}'`)).toEqual([
      { status: 'open' },
    ]);
  });

  it('is refused in the words of RFC 6749 where a parameter of a token request is doubled', async () => {
    const answer = await fetch(`${server.address}/v1/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&grant_type=client_credentials',
    });
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      400,
      expect.stringContaining('application/json'),
      { error: 'invalid_request' },
    ]);
  });
});
