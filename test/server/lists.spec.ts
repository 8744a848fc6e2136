import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>
  >;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const { paths, components } = JSON.parse(readFileSync('openapi.json', 'utf8')) as Description;

/** Lists that have no cursor, and what bounds them. */
const BOUNDED: Readonly<Record<string, string>> = {
  '/.well-known/oauth-authorization-server': 'fixed words of our own',
  '/v1/handoff-fields fields': 'the fields of the format, which come with the program',
  '/v1/handoff-fields refusedFields': 'the fields of the format, which come with the program',
  '/v1/notices items': 'texts that come with the program',
  '/v1/notices items languages': 'texts that come with the program',
  '/v1/schemas items': 'schemas that come with the program',
  '/v1/taxonomy items': 'terms that come with the program',
  '/v1/charter signatures': 'one for each member: a thousand, by the schema of the charter',
  '/v1/charter/versions/{version} signatures': 'as the charter in force',
  '/v1/devices items grants': 'one for each epoch of the services that its certificate names',
  '/v1/invitations items services': '64 by the schema of an invitation',
  '/v1/invitation services': '64 by the schema of an invitation',
  '/v1/invitation grants': 'the first fifty; GET /v1/grants has them all, page by page',
  '/v1/agreements items parties': '16 by the schema of an agreement',
  '/v1/agreements items signers': 'one for each party',
  '/v1/agreements items routes': '32 by the schema of an agreement',
  '/v1/agreements items purposes': '32 by the schema of an agreement',
  '/v1/agreements/{id} parties': '16 by the schema of an agreement',
  '/v1/agreements/{id} signers': 'one for each party',
  '/v1/agreements/{id} routes': '32 by the schema of an agreement',
  '/v1/agreements/{id} purposes': '32 by the schema of an agreement',
  '/v1/attachments/{id} received': 'parts of one file, whose size is bounded',
  '/v1/receipt/attachments/{id} received': 'parts of one file, whose size is bounded',
  '/v1/referrals items erasedBy': 'two services',
  '/v1/referrals/{id} erasedBy': 'two services',
  '/v1/referrals/{id}/handoff wrapHashes': '16 recipients by the format of an envelope',
  '/v1/receipt/handoff wrapHashes': '16 recipients by the format of an envelope',
  '/v1/referrals/{id}/proofs consistency': '63 hashes of a tree',
  '/v1/receipt/proofs consistency': '63 hashes of a tree',
  '/v1/referrals/{id}/proofs statements':
    'the chain of one consent: a renewal must raise a day that the charter bounds',
  '/v1/receipt/proofs statements': 'the chain of one consent',
  '/v1/receipt/story statements': 'the chain of one consent',
  '/v1/erasures items leaves': 'the chain of one consent',
  '/v1/receipt/observers boxes': '16 recipients by the format of an envelope',
  '/v1/statistics/feedback/{quarter} cells': 'one for each answer of three questions',
  '/v1/audits/{id} samples': 'as many as were asked for, 1000 at most',
  '/v1/audits/{id} samples services': 'two services',
};

function* listsIn(schema: Schema, name = ''): Generator<string> {
  const { $ref, type, items, properties = {}, allOf = [], oneOf = [] } = schema;
  if ($ref !== undefined) yield* listsIn(components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, name);
  if (type === 'array' && items) {
    yield name.trim();
    yield* listsIn(items, name);
  }
  for (const [member, each] of Object.entries(properties)) yield* listsIn(each, `${name} ${member}`);
  for (const each of [...allOf, ...oneOf]) yield* listsIn(each, name);
}

const lists = Object.entries(paths).flatMap(([path, { get }]) => {
  const schemas = Object.values(get?.responses ?? {}).flatMap(({ content = {} }) =>
    Object.entries(content).flatMap(([type, { schema }]) => (type === 'application/json' ? schema : [])),
  );
  const found = [...new Set(schemas.flatMap((schema) => [...listsIn(schema)]))];
  return found.map((list) => ({ path, list, get: get as Operation, schemas }));
});

const isBounded = (path: string, list: string): boolean =>
  BOUNDED[path] !== undefined || BOUNDED[`${path} ${list}`] !== undefined;

describe('a list of the API', () => {
  it('is looked for where it is', () => {
    expect(lists.length).toBeGreaterThan(40);
    const known = new Set(lists.flatMap(({ path, list }) => [path, `${path} ${list}`]));
    for (const exception of Object.keys(BOUNDED)) expect(known).toContain(exception);
  });

  it.each(
    lists
      .filter(({ path, list }) => !isBounded(path, list))
      .map((each) => [each.path, each.list, each] as const),
  )('is read page by page: %s %s', (path, list, { get, schemas }) => {
    const asked = (get.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name);
    const members = schemas.flatMap((schema) => Object.keys(resolved(schema).properties ?? {}));
    // HSDS has pages by number: its standard asks for them
    const [page, more] = path.startsWith('/hsds/') ? ['per_page', 'total_pages'] : ['after', 'next'];
    expect([list, asked, members]).toEqual([
      path.startsWith('/hsds/') ? 'contents' : 'items',
      expect.arrayContaining([page]),
      expect.arrayContaining([more]),
    ]);
  });
});

function resolved(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
}
