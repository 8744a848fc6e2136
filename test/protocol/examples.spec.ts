import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { Charter } from '../../src/protocol/schemas/charter.js';
import { ConsentRecord } from '../../src/protocol/schemas/consent-record.js';
import {
  CASE_EXAMPLE,
  CHARTER_EXAMPLE,
  CONSENT_RECORD_EXAMPLE,
  HANDOFF_RECORD_EXAMPLE,
  SIGNED_EXAMPLES,
  STATEMENT_EXAMPLES,
  TRUST_EXAMPLE,
  WELCOME_EXAMPLE,
} from '../../src/protocol/schemas/examples.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { HANDOFF_FIELDS, HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import { ServiceProfile } from '../../src/protocol/schemas/service-profile.js';
import { SIGNED, type SignedTyp } from '../../src/protocol/schemas/signed.js';
import { ConsentStatement } from '../../src/protocol/schemas/statements.js';
import { CaseFile, TrustFile } from '../../src/protocol/schemas/trust.js';
import {
  Bytes,
  Bytes32,
  Day,
  Epoch,
  GoodKey,
  Id,
  Language,
  Notice,
} from '../../src/protocol/schemas/types.js';
import { Welcome } from '../../src/protocol/schemas/welcome.js';

type Json = Record<string, unknown>;
type Path = readonly (string | number)[];
type Case = readonly [name: string, schema: TSchema, example: object];

const CASES: readonly Case[] = [
  ...Object.entries(SIGNED_EXAMPLES).map(
    ([typ, example]) => [typ, SIGNED[typ as SignedTyp], example] as const,
  ),
  ...Object.entries(STATEMENT_EXAMPLES).map(([kind, example]) => [kind, ConsentStatement, example] as const),
  ['consent record', ConsentRecord, CONSENT_RECORD_EXAMPLE],
  ['handoff record', HandoffRecord, HANDOFF_RECORD_EXAMPLE],
  ['service profile', ServiceProfile, SERVICE_PROFILE_EXAMPLE],
  ['charter', Charter, CHARTER_EXAMPLE],
  ['welcome', Welcome, WELCOME_EXAMPLE],
  ['trust file', TrustFile, TRUST_EXAMPLE],
  ['case file', CaseFile, CASE_EXAMPLE],
];

/** Members that may be absent; of everything else each member is required. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  'service-key+jws': ['revocation'],
  'witness+jws': ['url'],
  'revocation+jws': ['decision'],
  'charter+jws': ['decision'],
  'message+jws': ['certificate'],
  'consent-statement+jws': ['own'],
  'consent.given': ['own'],
  'consent.invalidated': ['decision'],
  'consent record': ['interpreter'],
  'handoff record': HANDOFF_FIELDS,
  'service profile': ['url', 'email'],
  'trust file': ['policy'],
  charter: ['quotas'],
};

/** Here the member names are data, of a form of their own. */
const NAMED_BY_DATA = ['notices', 'refer@1', 'answers'];

function paths(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [at];
  return [at, ...Object.entries(value).flatMap(([name, member]) => paths(member, [...at, name]))];
}

/** A copy in which the value at a path is another. */
function changed(example: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return change(example);
  const copy = (Array.isArray(example) ? [...(example as unknown[])] : { ...(example as Json) }) as Json;
  copy[name] = changed(copy[name], rest, change);
  return copy;
}

function valueAt(example: object, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Json)[name], example);
}

describe.each(CASES)('%s', (name, schema, example) => {
  it('takes its complete example', () => {
    expect(Check(schema, example)).toBe(true);
    expect(Check(schema, JSON.parse(JSON.stringify(example)))).toBe(true);
  });

  it('wants every member but the optional ones', () => {
    const accepted = Object.keys(example).filter((member) => {
      const { [member]: _, ...rest } = example as Json;
      return Check(schema, rest);
    });
    expect(accepted).toEqual(OPTIONAL[name] ?? []);
  });

  it('refuses an unknown member, however deep', () => {
    const objects = paths(example).filter((path) => {
      const value = valueAt(example, path);
      return value !== null && typeof value === 'object' && !Array.isArray(value);
    });
    for (const path of objects) {
      const unknown = NAMED_BY_DATA.includes(String(path.at(-1))) ? 'Not A Name' : 'unknown';
      const extended = changed(example, path, (value) => ({ ...(value as Json), [unknown]: 'x' }));
      expect([path, Check(schema, extended)]).toEqual([path, false]);
    }
  });

  it('refuses a value of another type, wherever it stands', () => {
    for (const path of paths(example))
      for (const other of [[[]], -1, 0.5])
        expect([
          path,
          other,
          Check(
            schema,
            changed(example, path, () => other),
          ),
        ]).toEqual([path, other, false]);
  });
});

describe('null', () => {
  it('stands for what is not there yet, and nowhere else', () => {
    const nullable = CASES.map(([name, schema, example]) => [
      name,
      paths(example)
        .filter((path) =>
          Check(
            schema,
            changed(example, path, () => null),
          ),
        )
        .map((path) => path.join('.')),
    ]);
    const given = ['prev', 'from'];
    expect(Object.fromEntries(nullable.filter(([, where]) => where?.length))).toEqual({
      'service-key+jws': ['previous'],
      'charter+jws': ['previous'],
      'message+jws': ['previous'],
      'consent-word+jws': ['from'],
      'consent-statement+jws': given,
      'consent.given': given,
      ...Object.fromEntries(
        Object.keys(STATEMENT_EXAMPLES)
          .filter((kind) => kind !== 'consent.given' && kind !== 'erasure.done')
          .map((kind) => [kind, ['prev']]),
      ),
    });
  });
});

describe('a day', () => {
  it('is one that exists, from 2000 on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1990, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
        const text = [String(year), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(Check(Day, text)).toBe(exists && year >= 2000);
      }),
    );
  });

  it.each(['2026-02-29', '2026-11-31', '1999-12-31', '2026-1-01', '+02026-01-01', '2026-11-23T00:00', ''])(
    'is not %s',
    (text) => {
      expect(Check(Day, text)).toBe(false);
    },
  );
});

describe('bytes in JSON', () => {
  it('have one text each, of the exact length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 34 }), (bytes) => {
        const text = toBase64url(bytes);
        expect(Check(Bytes32, text)).toBe(bytes.length === 32);
        expect(Check(Bytes(bytes.length), text)).toBe(true);
        for (const other of [`${text}=`, ` ${text}`, text.slice(0, -1), `${text}A`])
          expect(Check(Bytes(bytes.length), other)).toBe(false);
      }),
    );
  });

  it('are refused with a bit set behind their end, or in the other alphabet', () => {
    const text = toBase64url(new Uint8Array(32));
    for (const last of 'BCDFGH') expect(Check(Bytes32, text.slice(0, -1) + last)).toBe(false);
    for (const first of '+/.') expect(Check(Bytes32, first + text.slice(1))).toBe(false);
  });

  it('are no Ed25519 key when of small order or off the curve', () => {
    const zero = new Uint8Array(32);
    const offCurve = Uint8Array.from(zero, (_, i) => (i === 0 ? 2 : 0));
    for (const bytes of [zero, Uint8Array.from(zero, (_, i) => (i === 0 ? 1 : 0)), offCurve])
      expect(Check(GoodKey, toBase64url(bytes))).toBe(false);
  });
});

describe('names and codes', () => {
  it.each([
    [Id, '0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0'],
    [Id, '0f1e2d3c4b5a69788796a5b4c3d2e1f0'],
    [Epoch, '2026-13.1'],
    [Epoch, '2026-11.0'],
    [Epoch, '2026-11'],
    [Notice, 'refer@0'],
    [Notice, 'refer@01'],
    [Notice, 'refer'],
    [Notice, 'Refer@1'],
    [Language, 'FR'],
    [Language, 'fr-'],
    [Language, 'f'],
  ])('refuse %#: %s', (schema, text) => {
    expect(Check(schema as TSchema, text)).toBe(false);
  });

  it('take EC P-256 as the key of a device’s requests', () => {
    const auth = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    };
    const certificate = SIGNED_EXAMPLES['device-certificate+jws'];
    expect(Check(SIGNED['device-certificate+jws'], { ...certificate, auth })).toBe(true);
    expect(Check(SIGNED['device-certificate+jws'], { ...certificate, auth: { ...auth, crv: 'P-384' } })).toBe(
      false,
    );
  });
});

describe('the handoff record', () => {
  it('takes a reason of 500 characters and no more', () => {
    expect(Check(HandoffRecord, { reason: 'é'.repeat(500) })).toBe(true);
    expect(Check(HandoffRecord, { reason: 'é'.repeat(501) })).toBe(false);
  });

  it('needs nothing: every member is the person’s choice', () => {
    expect(Check(HandoffRecord, {})).toBe(true);
    expect(Object.keys(HANDOFF_RECORD_EXAMPLE)).toEqual(HANDOFF_FIELDS);
  });
});
