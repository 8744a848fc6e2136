import fc from 'fast-check';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { importDrafts, prepareFounder, recordConsent } from '../../src/client/index.js';
import { signCharter } from '../../src/client/coordinator/found.js';
import { fromBase64url, newId, randomBytes, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { defaultCharter } from '../../src/protocol/registry/charter.js';
import { deriveReceipt, newCode, requireCode } from '../../src/protocol/encoding/codes.js';
import { boxKey, epochKeys, signingKey, type EpochKeys } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { sealWelcome } from '../../src/protocol/crypto/welcome-seal.js';
import { openWelcome } from '../../src/protocol/crypto/welcome-open.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { canonicalText, parseStrict, strictText } from '../../src/protocol/encoding/json.js';
import { openFeedback } from '../../src/protocol/envelope/open-feedback.js';
import { openMessage } from '../../src/protocol/handoff/open-message.js';
import { openOwnHandoff } from '../../src/protocol/handoff/open-own-handoff.js';
import { readOwnChain } from '../../src/protocol/consent/own-chain.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import type { HandoffRecord } from '../../src/protocol/schemas/handoff-record.js';
import type { ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { sealFeedback } from '../../src/protocol/envelope/seal-feedback.js';
import { sealHandoff, type HandoffToSeal } from '../../src/protocol/handoff/seal-handoff.js';
import { sealMessage } from '../../src/protocol/handoff/seal-message.js';
import { hashText, readUnverified, sign, verifySigned } from '../../src/protocol/encoding/signed.js';
import { anyText, DECEIVING } from '../support/requests/odd-texts.js';

const DAY = '2026-11-24';
const RUNS = { numRuns: process.env['RELAIS_LONG'] ? 5000 : 120, seed: 20261130 };
const network = newId();
const info = {
  network,
  issuer: 'https://relais.example',
  founded: false,
  today: DAY,
  policy: '',
  unwitnessedSince: null,
};
const refused = (check: string, pointer?: string) =>
  expect.objectContaining({ check, ...(pointer !== undefined && { pointer }) }) as unknown as Error;

/**
 * Whatever a writer makes, its own strict reader reads; what it would not read is refused, and the member is
 * named.
 */
describe('a writer', () => {
  const [a, b] = ['La Ruelle', 'Clinique'].map((each) => prepareFounder(info, each, [each])) as [
    ReturnType<typeof prepareFounder>,
    ReturnType<typeof prepareFounder>,
  ];
  const charter = defaultCharter('Test', [{ organisation: a.public.id, root: a.public.root }]);
  const [from, to] = [a, b].map(({ device }) => epochKeys(fromBase64url(device.epochs[0]?.seed ?? ''))) as [
    EpochKeys,
    EpochKeys,
  ];
  const device = { sign: signingKey(fromBase64url(a.device.sign)), certificate: a.device.certificate };
  const observer = boxKey(randomBytes(32));
  let usual: HandoffToSeal;

  beforeAll(async () => {
    const person = await deriveReceipt(requireCode(newCode()));
    const fields = ['answers', 'attachments', 'calledName', 'contactMode', 'reason', 'servicesRequested'];
    const decision = {
      purpose: 'health-care',
      language: 'nl',
      modality: 'spoken',
      representation: 'none',
    } as const;
    usual = {
      log: `relais-${network}/consent`,
      referral: newId(),
      from: { service: a.services[0]?.id ?? '', keys: from },
      to: { service: b.services[0]?.id ?? '', box: to.box.publicKey },
      consentRecord: recordConsent(charter, DAY, {
        ...decision,
        fields,
        alternativesOffered: [],
        teachBack: true,
      }),
      record: { calledName: 'Sam' },
      refusedFields: charter.refusedFields,
      day: DAY,
      person,
      device,
    };
  });

  /** Sealed to the person, and opened by them. */
  function writeHandoff(change: Partial<HandoffToSeal>): unknown {
    const { statements, ctx, wraps, body } = sealHandoff({ ...usual, ...change });
    const own = { sign: usual.person.sign.publicKey, boxId: usual.person.box.id };
    const chain = readOwnChain(
      usual.log,
      statements.map(({ jws }) => jws),
      own,
    );
    const wrap = wraps.at(-1) ?? ctx;
    const opened = openOwnHandoff(
      { ctx, wrap, body, wrapHashes: wraps.map(sha256) },
      usual.person.box,
      chain,
    );
    return opened.record;
  }

  const recordsOf = (text: string): readonly (readonly [HandoffRecord, string])[] => [
    [{ calledName: text }, '/record/calledName'],
    [{ reason: text }, '/record/reason'],
    [{ servicesRequested: ['x', text] }, '/record/servicesRequested/1'],
    [{ contactMode: { mode: 'phone', safeTimes: text } }, '/record/contactMode/safeTimes'],
    [{ answers: { arrival: text } }, '/record/answers/arrival'],
    [
      {
        attachments: [
          {
            id: newId(),
            key: toBase64url(randomBytes(32)),
            sha256: toBase64url(randomBytes(32)),
            size: 1,
            type: text,
          },
        ],
      },
      '/record/attachments/0/type',
    ],
  ];

  function writeMessage(text: string, isPerson: boolean): string {
    const { person } = usual;
    const [given] = sealHandoff(usual).statements;
    const told = {
      given: readUnverified(given?.jws ?? '').payload as ConsentGiven,
      consent: hashText(given?.jws ?? ''),
    };
    const keys = { receiver: to.box.publicKey, sender: from.box.publicKey, person: person.box.publicKey };
    const author = isPerson ? { sign: person.sign } : device;
    const side = isPerson ? 'person' : 'source';
    const { ctx, wraps, body } = sealMessage({ ...told, to: keys, thread: [], side, day: DAY, text, author });
    const input = { ctx, role: 3, wrap: wraps.at(-1) ?? ctx, body };
    return openMessage(input, person.box, { ...told, thread: [] }).message.text;
  }

  function writeFeedback(text: string): string {
    const { ctx, wraps, body } = sealFeedback(text, [observer.publicKey]);
    return openFeedback({ ctx, wrap: wraps[0] ?? ctx, body }, observer);
  }

  function writeNames(name: string, service: string): string[] {
    const made = prepareFounder(info, name, [service]).public;
    const registry = followRegistry(emptyRegistry({ network, roots: [made.root] }), [
      made.organisation,
      made.coordinatorKey,
      ...made.serviceKeys,
    ]);
    return [
      ...registry.organisations.values(),
      ...[...registry.serviceKeys.values()].slice(0, 1).map((key) => key.service),
    ].map((named) => named.name);
  }

  it.each(DECEIVING)('of a handoff names the member with %s, before anything is sealed', (_, text) => {
    for (const [record, pointer] of recordsOf(text))
      expect(() => writeHandoff({ record })).toThrow(refused('text', pointer));
  });

  it.each(DECEIVING)('of messages, feedback, names and a charter does so with %s', (_, text) => {
    for (const isPerson of [false, true])
      expect(() => writeMessage(text, isPerson)).toThrow(refused('text', '/text'));
    expect(() => writeFeedback(text)).toThrow(refused('text', '/text'));
    expect(() => writeNames(text, 'x')).toThrow(refused('text', '/name'));
    expect(() => writeNames('x', text)).toThrow(refused('text', '/services/0'));
    expect(() => signCharter(info, a, { ...charter, name: text })).toThrow(refused('text', '/name'));
    expect(() => signCharter(info, a, { ...charter, objectives: [text] })).toThrow(
      refused('text', '/objectives/0'),
    );
  });

  it('says which cell of a table', () => {
    for (const [, cell] of DECEIVING.filter(([, text]) => text === text.trim() && !/[\r\t]/.test(text))) {
      const text = `Nom;Motif\n"${cell}";x\nSam;y`;
      const source = { format: 'csv', text, mapping: { Nom: 'calledName', Motif: 'reason' } } as const;
      const { drafts, problems } = importDrafts(source, { to: newId(), refusedFields: [] });
      expect([drafts.length, problems]).toEqual([
        1,
        [{ row: 2, column: 'Nom', field: 'calledName', problem: 'characters' }],
      ]);
    }
  });

  /** Either what was written is read, or it is refused at that member. */
  function holds(write: () => unknown, text: unknown): void {
    let read: unknown;
    try {
      read = write();
    } catch (error) {
      expect(error).toBeInstanceOf(Refused);
      expect(['text', 'schema', 'too-large']).toContain((error as Refused).check);
      return;
    }
    expect(read).toEqual(text);
  }

  it('of a handoff makes what the person reads, of any texts', () => {
    fc.assert(
      fc.property(anyText, fc.nat(5), (text, which) => {
        const [record = {}] = recordsOf(text)[which] ?? [];
        holds(() => writeHandoff({ record }), parseLoose(record));
      }),
      RUNS,
    );
  });

  it('of messages makes what everybody reads, of any text', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, isPerson) => holds(() => writeMessage(text, isPerson), text)),
      RUNS,
    );
  });

  it('of feedback and of names makes what is read, of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        holds(() => writeFeedback(text), text);
        holds(() => writeNames(text, text), [text, text]);
      }),
      { ...RUNS, numRuns: 60 },
    );
  });

  it('of signed objects and of JSON makes what is read, of any value', () => {
    const key = signingKey(randomBytes(32));
    const ring = new Map([[key.kid, key.publicKey]]);
    fc.assert(
      fc.property(anyText, fc.jsonValue(), (name, value) => {
        const payload = { network, organisation: newId(), name, key: toBase64url(key.publicKey) };
        holds(
          () => verifySigned(sign('organisation+jws', payload, key), 'organisation+jws', ring).payload.name,
          name,
        );
        for (const write of [JSON.stringify, canonicalText])
          try {
            expect(canonicalText(parseStrict(strictText([name, value], write)))).toBe(
              canonicalText([name, value]),
            );
          } catch (error) {
            expect(error).toBeInstanceOf(Refused);
          }
      }),
      { ...RUNS, numRuns: 1000 },
    );
  });

  it('of a welcome makes what the new device reads', () => {
    const [key, root] = [randomBytes(32), signingKey(randomBytes(32))];
    const welcome = {
      issuer: info.issuer,
      network,
      policy: 'x',
      organisation: { id: newId(), name: 'Sam\ud83d', key: toBase64url(root.publicKey) },
      checkpoint: 'x',
    };
    expect(() => sealWelcome(key, welcome)).toThrow(refused('text', '/organisation/name'));
    const good = { ...welcome, organisation: { ...welcome.organisation, name: 'old\u200f' } };
    expect(openWelcome(key, sealWelcome(key, good))).toEqual(good);
  });

  it('of a question that has a name of every object is refused, where its answer could never be read', () => {
    expect(() => writeHandoff({ record: { answers: { constructor: 'x' } } })).toThrow(Refused);
  });

  it('of a consent refuses what no receiver takes', () => {
    const { consentRecord } = usual;
    const { fields, notice } = consentRecord;
    for (const [change, check] of [
      [{ fields: [...fields].reverse() }, 'fields-commitment'],
      [{ fields: fields.map((field) => `${field}\u202e`) }, 'text'],
      [{ language: notice.language === 'nl' ? 'fr' : 'nl' }, 'consent-record'],
    ] as const)
      expect(() => writeHandoff({ consentRecord: { ...consentRecord, ...change } })).toThrow(refused(check));
  });
});

function parseLoose(record: HandoffRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

describe('the strict reader', () => {
  it.each([
    ['["a", {"b": "x\\u0000"}]', '/1/b'],
    ['{"record": {"calledName": "x\\ud83d"}}', '/record/calledName'],
    ['"\\u0000"', ''],
    ['{"Jean Dupont": "\\u0000"}', ''],
  ])('names the member that cannot be read: %s', (text, pointer) => {
    let error: unknown;
    try {
      parseStrict(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ check: 'json' });
    expect((error as Refused).pointer).toBe(pointer);
  });
});
