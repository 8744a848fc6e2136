import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../src/protocol/encoding/bytes.js';
import openapi from '../../openapi.json' with { type: 'json' };
import type { RawAnswer } from '../support/requests/caller.js';
import { fingerprint } from '../support/machines/dump.js';
import { fromSchema, type Schema, type Schemas } from '../support/requests/from-schema.js';
import { givenPrincipals, type Principals } from '../support/network/principals.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const RUNS = Number(process.env['RELAIS_TEST_RUNS'] ?? 25);

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** The token endpoint alone takes a form, and answers by RFC 6749. */
const FORM = 'application/x-www-form-urlencoded';

const SCHEMAS = openapi.components.schemas as unknown as Schemas;
const OPERATIONS = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods as unknown as Record<string, Operation>).map(
    ([method, operation]) => [method.toUpperCase(), path, operation] as const,
  ),
);

interface Request {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

function requestsOf({ parameters = [], requestBody }: Operation): fc.Arbitrary<Request> {
  const of = (place: string, options: { requiredKeys?: [] }) =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((each) => each.in === place)
          .map((each) => [each.name, fromSchema(each.schema, SCHEMAS)]),
      ),
      options,
    );
  const schema = (requestBody?.content['application/json'] ?? requestBody?.content[FORM])?.schema;
  return fc.record({
    params: of('path', {}),
    query: of('query', { requiredKeys: [] }),
    body: schema ? fromSchema(schema, SCHEMAS) : fc.constant(undefined),
  });
}

/** Requests made from the API's own description, valid and nearly so, from somebody who may. */
describe('any request that the OpenAPI document suggests', () => {
  let server: FoundedServer;
  let principals: Principals;

  beforeAll(async () => {
    server = await givenNetwork();
    principals = await givenPrincipals(server);
  });
  afterAll(() => server.stop());

  it.each(OPERATIONS)('is answered or refused by %s %s, never a fault', async (method, path, operation) => {
    let before = await fingerprint(server.urls);
    await fc.assert(
      fc.asyncProperty(requestsOf(operation), async (request) => {
        for (const name of ['coordinator', 'invitation'] as const) {
          const answer = await principals[name].caller.send(rawOf(method, path, operation, request));
          requireAnswer(answer, operation);
          if (answer.status < 300 && method !== 'GET') before = await fingerprint(server.urls);
        }
      }),
      { numRuns: RUNS },
    );
    expect(await fingerprint(server.urls)).toEqual(before);
  });
});

function rawOf(method: string, path: string, operation: Operation, { params, query, body }: Request) {
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(params[name]));
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encode(value)}`);
  const target = pairs.length === 0 ? place : `${place}?${pairs.join('&')}`;
  if (isForm(operation)) {
    const pairsOfForm = Object.entries(body ?? {}).map(([name, value]) => [name, textOf(value)]);
    const form = new URLSearchParams(Object.fromEntries(pairsOfForm) as Record<string, string>);
    return { method, path: target, headers: { 'content-type': FORM }, body: form.toString() };
  }
  const headers = { 'idempotency-key': newId() };
  return { method, path: target, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
}

function isForm({ requestBody }: Operation): boolean {
  return requestBody?.content[FORM] !== undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As it would stand in a URL; `.` and `..` are taken away by every client before they are sent. */
function encode(value: unknown): string {
  return encodeURIComponent(textOf(value).slice(0, 2000).toWellFormed()).replace(/^\.+$/, '~');
}

function requireAnswer({ status, headers, text }: RawAnswer, operation: Operation): void {
  expect(status).toBeLessThan(500);
  if (status < 400) return;
  if (isForm(operation)) {
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['error']);
    return;
  }
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { errors, ...problem } = JSON.parse(text) as Record<string, unknown>;
  expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'instance']);
  if (problem['type'] === '/problems/input_invalid') expect(errors).not.toEqual([]);
}
