import { describe, expect, it } from '@jest/globals';
import { bytesToId, fromHex, toHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { openBody } from '../../src/protocol/crypto/body-open.js';
import { bodyKeys } from '../../src/protocol/crypto/body-key.js';
import { sealBody } from '../../src/protocol/crypto/body-seal.js';
import { sealBaseDeterministic } from '../../src/protocol/crypto/hpke-seal.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { sha256 } from '../../src/protocol/crypto/sha256.js';
import { sha256 as sha256InBrowser } from '../../src/protocol/crypto/sha256.browser.js';
import {
  digestOf,
  isBucketLength,
  KIND,
  makeContext,
  padContent,
  paddedLength,
  parseContext,
  sealedLength,
  wrapInfo,
  type Kind,
  type Role,
} from '../../src/protocol/envelope/envelope.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { openContent, unwrap } from '../../src/protocol/envelope/open-envelope.js';
import { openHandoff, type HandoffInput } from '../../src/protocol/handoff/open-handoff.js';
import { openMessage, readMessage } from '../../src/protocol/handoff/open-message.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { hashText } from '../../src/protocol/encoding/signed.js';
import { verifyChain } from '../../src/protocol/consent/statements.js';
import type { ThreadEntry } from '../../src/protocol/handoff/thread.js';
import { readVectors } from '../support/log/vectors.js';

interface RecipientVector {
  readonly role: Role;
  readonly name: string;
  readonly seed: string;
  readonly keyId: string;
  readonly info: string;
  readonly encapsulationSeed: string;
  readonly wrap: string;
  readonly wrapHash: string;
}
interface Envelope {
  readonly kind: Kind;
  readonly envelope: string;
  readonly ctx: string;
  readonly ctxHash: string;
  readonly cek: string;
  readonly recipients: RecipientVector[];
  readonly content: string;
  readonly paddedLength: number;
  readonly salt: string;
  readonly body: string;
  readonly digest: string;
}
interface Stated {
  readonly jws: string;
  readonly proof: string;
}
interface HandoffVector extends Envelope {
  readonly referral: string;
  readonly consent: string;
  readonly record: object;
  readonly bodyKey: string;
  readonly bodyCommit: string;
  readonly given: Stated;
  readonly released: Stated;
}
interface Changed {
  readonly role?: number;
  readonly given?: Stated;
  readonly released?: Stated;
  readonly later?: string[];
  readonly ctx?: string;
  readonly wrap?: string;
  readonly wrapHashes?: string[];
  readonly body?: string;
}
interface NoticeVectors {
  readonly notices: Record<string, Record<string, string>>;
  readonly refused: { name: string; check: string; notices: Record<string, Record<string, string>> }[];
}
const vectors = readVectors('handoff.json') as {
  handoff: HandoffVector;
  attachment: {
    id: string;
    ctx: string;
    ctxHash: string;
    key: string;
    contentLength: number;
    salt: string;
    body: string;
    bodySha256: string;
  };
  messages: Envelope[];
  messageByCodeKey: { content: string };
  messagesRefused: { name: string; check: string; set: Changed }[];
  refused: { name: string; check: string; set: Changed }[];
  buckets: { contentLength: number; paddedLength: number; bodyLength: number }[];
  attachmentSizes: { contentLength: number; paddedLength: number; bodyLength: number }[];
  tooLarge: number[];
};
const voted = readVectors('notices.json') as NoticeVectors;
const { trust, entries } = readVectors('registry.json') as {
  trust: { network: string; roots: string[] };
  entries: { jws: string }[];
};
const { policy, logs } = readVectors('log.json') as { policy: string; logs: { consent: { log: string } } };

const registry = followRegistry(
  emptyRegistry(trust),
  entries.map((entry) => entry.jws),
);
const opener = {
  log: logs.consent.log,
  registry,
  policy: parsePolicy(policy),
  charter: { notices: voted.notices },
};
const base = vectors.handoff;

function recipientOf(envelope: Envelope, role: number): RecipientVector {
  return envelope.recipients.find((recipient) => recipient.role === role) as RecipientVector;
}

function ownKey(role: number) {
  return boxKey(fromHex(recipientOf(base, role).seed));
}

function input(set: Changed = {}): HandoffInput {
  const role = set.role ?? 1;
  return {
    statements: [
      set.given ?? base.given,
      set.released ?? base.released,
      ...(set.later ?? []).map((jws) => ({ jws })),
    ],
    role,
    ctx: fromHex(set.ctx ?? base.ctx),
    wrap: fromHex(set.wrap ?? recipientOf(base, role).wrap),
    wrapHashes: (set.wrapHashes ?? base.recipients.map((recipient) => recipient.wrapHash)).map(fromHex),
    body: fromHex(set.body ?? base.body),
  };
}

describe('the handoff of the vectors', () => {
  it('is sealed to the byte', () => {
    for (const envelope of [base, ...vectors.messages]) {
      const ctxHash = fromHex(envelope.ctxHash);
      const context = parseContext(fromHex(envelope.ctx));
      expect([toHex(makeContext(context)), toHex(sha256(fromHex(envelope.ctx)))]).toEqual([
        envelope.ctx,
        envelope.ctxHash,
      ]);
      expect([toHex(context.envelope), context.kind]).toEqual([envelope.envelope, envelope.kind]);
      const padded = padContent(envelope.kind, utf8(envelope.content));
      expect(padded.length).toBe(envelope.paddedLength);
      expect(toHex(sealBody(fromHex(envelope.cek), ctxHash, padded, fromHex(envelope.salt)))).toBe(
        envelope.body,
      );
      for (const [i, recipient] of envelope.recipients.entries()) {
        const { publicKey } = boxKey(fromHex(recipient.seed));
        const info = wrapInfo(ctxHash, context.recipients[i] as (typeof context.recipients)[number]);
        expect(toHex(info)).toBe(recipient.info);
        const wrap = sealBaseDeterministic(
          publicKey,
          info,
          fromHex(envelope.cek),
          fromHex(recipient.encapsulationSeed),
        );
        expect([toHex(wrap), toHex(sha256InBrowser(wrap))]).toEqual([recipient.wrap, recipient.wrapHash]);
      }
      const wrapHashes = envelope.recipients.map((recipient) => fromHex(recipient.wrapHash));
      expect(toHex(digestOf(ctxHash, fromHex(envelope.body), wrapHashes))).toBe(envelope.digest);
    }
    const { key, commit } = bodyKeys(fromHex(base.cek), fromHex(base.salt), fromHex(base.ctxHash));
    expect([toHex(key), toHex(commit)]).toEqual([base.bodyKey, base.bodyCommit]);
  });

  it.each([1, 2, 3])('opens for role %i', (role) => {
    const opened = openHandoff(input({ role }), ownKey(role), opener);
    expect({ ...opened.record }).toMatchObject(base.record);
    expect(opened.chain.given.referral).toBe(bytesToId(fromHex(base.referral)));
    expect(opened.consentRecord.teachBack).toBe(true);
  });

  it.each(vectors.refused.map((c) => [c.name, c] as const))('is refused: %s', (_, { check, set }) => {
    const own = ownKey(1);
    expect(() => openHandoff(input(set), own, opener)).toThrow(expect.objectContaining({ check }));
  });

  it.each(voted.refused.map((each) => [each.name, each] as const))(
    'is refused where the network has voted %s',
    (_, { notices, check }) => {
      const by = { ...opener, charter: { notices } };
      expect(() => openHandoff(input(), ownKey(1), by)).toThrow(expect.objectContaining({ check }));
    },
  );

  it('never opens with a key that is not its recipient’s', () => {
    expect(() => openHandoff(input(), ownKey(2), opener)).toThrow(Refused);
  });

  it('is refused before anything is released', () => {
    const { statements } = input();
    expect(() => openHandoff({ ...input(), statements: statements.slice(0, 1) }, ownKey(1), opener)).toThrow(
      Refused,
    );
  });
});

describe('the attachment of the vectors', () => {
  const { attachment } = vectors;

  it('is sealed and opened to the byte', () => {
    const content = Uint8Array.from({ length: attachment.contentLength }, (_, i) => (i * 7 + (i >> 8)) & 255);
    const [key, ctxHash] = [fromHex(attachment.key), fromHex(attachment.ctxHash)];
    const body = sealBody(key, ctxHash, padContent(KIND.attachment, content), fromHex(attachment.salt));
    expect([toHex(body), toHex(sha256(body))]).toEqual([attachment.body, attachment.bodySha256]);
    expect(openContent(KIND.attachment, key, ctxHash, body)).toEqual(content);
    expect(parseContext(fromHex(attachment.ctx)).recipients).toEqual([]);
  });

  it('of several chunks opens, and not with two of them changed over', () => {
    const e = (
      readVectors('envelope/vectors.json') as {
        attachment: { ctxHash: string; key: string; bodyBase64: string; contentLength: number };
      }
    ).attachment;
    const body = new Uint8Array(Buffer.from(e.bodyBase64, 'base64'));
    const content = openContent(KIND.attachment, fromHex(e.key), fromHex(e.ctxHash), body);
    expect(content).toEqual(Uint8Array.from({ length: e.contentLength }, (_, i) => (i * 7 + (i >> 8)) & 255));
    const cut = body.slice(0, 64 + 65536 + 16);
    expect(() => openBody(fromHex(e.key), fromHex(e.ctxHash), cut)).toThrow(Refused);
  });

  it('and every content has one padded length', () => {
    for (const { contentLength, paddedLength: padded, bodyLength } of vectors.buckets) {
      expect([paddedLength(KIND.handoff, contentLength), sealedLength(padded)]).toEqual([padded, bodyLength]);
      expect(isBucketLength(bodyLength)).toBe(true);
    }
    for (const { contentLength, paddedLength: padded, bodyLength } of vectors.attachmentSizes)
      expect([paddedLength(KIND.attachment, contentLength), sealedLength(padded)]).toEqual([
        padded,
        bodyLength,
      ]);
    for (const length of vectors.tooLarge) expect(() => paddedLength(KIND.message, length)).toThrow(Refused);
  });
});

describe('the thread of the vectors', () => {
  const { given, givenText } = verifyChain(logs.consent.log, [base.given.jws, base.released.jws], registry);
  const consent = hashText(givenText);

  function open(envelope: Envelope, thread: readonly ThreadEntry[], set: Changed = {}) {
    const { wrap } = recipientOf(envelope, 1);
    const message = {
      ctx: fromHex(set.ctx ?? envelope.ctx),
      role: 1,
      wrap: fromHex(wrap),
      body: fromHex(set.body ?? envelope.body),
    };
    return openMessage(message, ownKey(1), { given, consent, thread, registry });
  }

  it('opens in its order', () => {
    const [first, second] = vectors.messages as [Envelope, Envelope];
    const one = open(first, []);
    const two = open(second, [one]);
    expect([one.side, one.message.number, two.side]).toEqual(['target', 1, 'target']);
    expect(() => open(second, [])).toThrow(Refused);
    expect(() => open(second, [one, one])).toThrow(expect.objectContaining({ check: 'message-number' }));
    expect(() => open(first, [{ ...one, side: 'source' }])).toThrow(
      expect.objectContaining({ check: 'message-previous' }),
    );
    for (const { set, check } of vectors.messagesRefused)
      expect(() => open(second, [one], set)).toThrow(expect.objectContaining({ check }));
  });

  it('takes a message of the person, signed by the code alone', () => {
    const ctxHash = fromHex(vectors.messages[0]?.ctxHash ?? '');
    const { side } = readMessage(vectors.messageByCodeKey.content, ctxHash, {
      given,
      consent,
      thread: [],
      registry,
    });
    expect(side).toBe('person');
    expect(() =>
      readMessage(vectors.messageByCodeKey.content, consent, { given, consent, thread: [], registry }),
    ).toThrow(expect.objectContaining({ check: 'ctx-claim' }));
  });
});

describe('the envelope vectors', () => {
  interface EnvelopeVectors {
    readonly ctx: string;
    readonly ctxHash: string;
    readonly body: string;
    readonly content: string;
    readonly recipients: RecipientVector[];
    readonly reject: { name: string; at: Record<string, number> }[];
  }
  const e = readVectors('envelope/vectors.json') as EnvelopeVectors;

  it('open for each of the three', () => {
    const { recipients } = parseContext(fromHex(e.ctx));
    for (const [i, recipient] of e.recipients.entries()) {
      const own = boxKey(fromHex(recipient.seed));
      const entry = recipients[i] as (typeof recipients)[number];
      const cek = unwrap(own, fromHex(e.ctxHash), entry, fromHex(recipient.wrap));
      expect(openContent(KIND.handoff, cek, fromHex(e.ctxHash), fromHex(e.body))).toEqual(utf8(e.content));
    }
  });
});
