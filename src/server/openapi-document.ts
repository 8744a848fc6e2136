import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemAnswer } from './common/errors/index.js';

const TAGS: Readonly<Record<string, string>> = {
  access: 'Tokens of five minutes, for devices.',
  agreements: 'Who may refer to whom, where the charter asks for it.',
  attachments: 'Sealed files, uploaded before the send.',
  audits: 'Samples of the consent log, and their holders’ answers.',
  charter: 'The rules that the members have voted.',
  devices: 'Invitations, certificates and grants.',
  events: 'What has happened to a service’s referrals.',
  feedback: 'How it went for the persons.',
  health: 'Whether the process works.',
  hsds: 'The directory as Open Referral has it, for everybody.',
  log: 'The public logs and their witnesses.',
  'mail notices': 'One sentence of mail.',
  network: 'What the network is, and its founding.',
  problems: 'What the types of problems mean.',
  receipts: 'The person’s door.',
  reference: 'Texts, lists and schemas of the protocol.',
  referrals: 'Sending, following, opening and acting.',
  registry: 'Keys and agreements of the organisations.',
  services: 'The directory, for workers.',
  'web app': 'The pages that this server delivers.',
  webhooks: 'Events, posted to a partner’s own server.',
};

/** Routes that are not a controller's: what the server says of itself. */
const OWN_PATHS: OpenAPIObject['paths'] = {
  '/v1/openapi.json': {
    get: {
      operationId: 'reference.openapi',
      summary: 'This document.',
      tags: ['reference'],
      security: [{}],
      responses: {
        '200': {
          description: 'OpenAPI 3.1.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
    },
  },
  '/web-app.sha256': {
    get: {
      operationId: 'webApp.manifest',
      summary: 'Every file of the web app with its SHA-256, by rising address.',
      tags: ['web app'],
      security: [{}],
      responses: {
        '200': {
          description: 'Lines as sha256sum writes them.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
      },
    },
  },
};

const WHO: Readonly<Record<string, string>> = {
  device: 'Asked by a device, with a token and a proof.',
  code: 'Asked by the holder of a code, with a bare proof.',
};

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The same key and body get the same bytes again. */
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'The same key and body get the same answer for 72 hours.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
} as const;

/** A POST only so that what is asked stands in no URL: it changes nothing, and no answer is kept. */
const READS = new Set(['/v1/services/search']);

/** The OpenAPI 3.1 document of the API, from the controllers and their bodies. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Relais')
    .setVersion('1')
    .setDescription(
      'Consented referrals between associations. docs/protocol/README.md says what is inside the signed and sealed texts, and where the tiles of the logs lie.',
    )
    .addSecurity('device', {
      type: 'http',
      scheme: 'DPoP',
      description: 'A token of `POST /v1/token` (docs/protocol/http.md, *Who asks*).',
    })
    .addSecurity('code', {
      type: 'apiKey',
      in: 'header',
      name: 'DPoP',
      description: 'A proof by the sign key of a receipt or an invitation; no token.',
    })
    .addServer('/', 'The server that this document comes from.')
    .setLicense('EUPL-1.2', 'https://joinup.ec.europa.eu/collection/eupl')
    .addSecurity('proof', {
      type: 'apiKey',
      in: 'header',
      name: 'DPoP',
      description: 'A proof of the token’s key for this very request, with the server’s nonce and `ath`.',
    })
    .build();
  const said = SwaggerModule.createDocument(app, builder, {
    extraModels: [ProblemAnswer],
    operationIdFactory: (controller, method) => `${nameOf(controller)}.${method}`,
  });
  const document = JSON.parse(JSON.stringify(said, asOneLine)) as OpenAPIObject;
  document.tags = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  Object.assign(document.paths, OWN_PATHS);
  for (const [path, { post }] of Object.entries(document.paths))
    if (post && needsKey(path, post)) post.parameters = [...(post.parameters ?? []), IDEMPOTENCY_KEY];
  for (const operation of operationsOf(document)) {
    addRefusals(operation);
    describe(operation);
  }
  return document;
}

/** Where a comment goes on in its next line is nothing to a reader of the document. */
function asOneLine(member: string, value: unknown): unknown {
  return typeof value === 'string' && ['summary', 'description'].includes(member)
    ? value.replaceAll(/\s*\n\s*/g, ' ')
    : value;
}

/** `ReferralsController` → `referrals`; the person's door is one, whichever class a route of it is in. */
function nameOf(controller: string): string {
  const name = controller.replace(/Controller$/, '').replace(/^(Reading|Speaking)$/, 'Receipts');
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** All that the code says of a route, its first sentence as the summary; and who may ask. */
function describe(operation: OperationObject): void {
  const text = operation.summary ?? operation.operationId ?? '';
  const [scheme = ''] = Object.keys(operation.security?.[0] ?? {});
  operation.summary = (/^.*?[^0-9A-Z]\.(?= [A-Z])/.exec(text)?.[0] ?? text).replace(/\.$/, '');
  operation.description = `${text} ${WHO[scheme] ?? 'For anybody.'}`;
}

/** What a device posts, and what a person says at their own door. */
function needsKey(path: string, { security }: OperationObject): boolean {
  if (READS.has(path)) return false;
  return path.startsWith('/v1/receipt/') || security?.some((scheme) => 'device' in scheme) === true;
}

function operationsOf({ paths }: OpenAPIObject): OperationObject[] {
  return Object.values(paths).flatMap((path) => Object.values(path as Record<string, OperationObject>));
}

/** What every route can answer, whatever it is asked: a refusal, or that this machine has a fault. */
function addRefusals({ responses }: OperationObject): void {
  const content = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemAnswer) } } };
  const headers = {
    'Retry-After': {
      description: 'Seconds; with 409 in_progress, 429 and 503.',
      schema: { type: 'integer' },
    },
    'DPoP-Nonce': { description: 'For the next proof.', schema: { type: 'string' } },
    'Request-Id': { description: 'By which an operator finds it.', schema: { type: 'string' } },
  } as const;
  responses['4XX'] ??= { description: 'Refused.', headers, content };
  responses['5XX'] ??= { description: 'A fault of the machine: send the same again.', headers, content };
}
