import { createHash } from 'node:crypto';
import type { TSchema } from 'typebox';
import { TAXONOMY } from '../../protocol/directory/taxonomy.js';
import refer1 from '../../protocol/consent/notices/refer-1.json' with { type: 'json' };
import reasonCodes from '../../protocol/referral/reason-codes.json' with { type: 'json' };
import machine from '../../protocol/referral/referral-state-machine.json' with { type: 'json' };
import { Charter } from '../../protocol/schemas/charter.js';
import { ConsentRecord } from '../../protocol/schemas/consent-record.js';
import { HANDOFF_FIELDS, HandoffRecord, REFUSED_FIELDS } from '../../protocol/schemas/handoff-record.js';
import { ServiceProfile } from '../../protocol/schemas/service-profile.js';
import { SIGNED } from '../../protocol/schemas/signed.js';

/**
 * What does not change while a server runs: its bytes, and the tag that says whether somebody has them
 * already.
 */
export interface ReferenceDocument {
  readonly type: string;
  readonly text: string;
  readonly etag: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * The wordings of the notices that come with this software, by family and version, to the byte that charters
 * hash.
 */
const NOTICES: Readonly<Record<string, Readonly<Record<string, string>>>> = { 'refer@1': refer1 };

/** Payloads of the signed objects by their `typ`, and what is sealed or published as JSON. */
const SCHEMAS: Readonly<Record<string, TSchema>> = {
  charter: Charter,
  'consent-record': ConsentRecord,
  'handoff-record': HandoffRecord,
  'service-profile': ServiceProfile,
  ...Object.fromEntries(Object.entries(SIGNED).map(([typ, schema]) => [typ.replace('+jws', ''), schema])),
};

/** Every document by the end of its address below `/v1/`. */
export const DOCUMENTS: ReadonlyMap<string, ReferenceDocument> = new Map([
  json('notices', {
    items: Object.entries(NOTICES).map(([notice, texts]) => ({
      notice,
      languages: Object.keys(texts).sort(),
    })),
  }),
  ...Object.entries(NOTICES).flatMap(([notice, texts]) =>
    Object.entries(texts).map(([language, text]) => made(`notices/${notice}/${language}`, PLAIN, text)),
  ),
  json('taxonomy', { items: TAXONOMY }),
  json('handoff-fields', { fields: HANDOFF_FIELDS, refusedFields: REFUSED_FIELDS }),
  json('reason-codes', reasonCodes),
  json('state-machine', machine),
  json('schemas', { items: Object.keys(SCHEMAS).sort() }),
  ...Object.entries(SCHEMAS).map(([name, schema]) =>
    json(`schemas/${name}`, {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: name,
      ...schema,
    }),
  ),
]);

function json(path: string, value: object): [string, ReferenceDocument] {
  return made(path, JSON_TYPE, JSON.stringify(value));
}

function made(path: string, type: string, text: string): [string, ReferenceDocument] {
  return [path, { type, text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` }];
}
