import { describe, expect, it } from '@jest/globals';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { randomBytes, toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { padLeaf } from '../../src/protocol/log/leaves.js';
import type { SampleFile } from '../../src/protocol/schemas/sample.js';
import type { ErasureDone } from '../../src/protocol/schemas/statements.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { whole, words } from '../support/log/audit.js';
import { freshKey } from '../support/network/founders.js';
import {
  inputOf,
  TestNetwork,
  TODAY,
  YEAR,
  type Opened,
  type OpenedCase,
} from '../support/log/public-log.js';

/**
 * A network of which an auditor draws every leaf: one case, two services' words on what they have erased,
 * some pads.
 */
class Drawn {
  readonly network = new TestNetwork();
  readonly pads: SampleFile['pads'] = [];
  readonly words: Opened[] = [];
  private readonly consent = whole(this.network);

  /** A leaf that nobody can open any more. */
  readonly erased = this.network.state('a statement whose opening is destroyed').index;

  say(service: { readonly id: string }, key: SigningKey, change: Partial<ErasureDone> = {}): this {
    const { log } = this.network;
    const leaves: [number, number][] = [[YEAR, Number(this.erased)]];
    const said = { log, kind: 'erasure.done' as const, service: service.id, day: TODAY, leaves, ...change };
    this.words.push(this.network.state(sign('consent-statement+jws', JSON.stringify(said), key)));
    return this;
  }

  pad(): this {
    const opening = randomBytes(32);
    const index = Number(this.network.consent.add(padLeaf(this.network.log, opening)));
    this.pads.push({ index, opening: toBase64url(opening) });
    return this;
  }

  async audit(
    change: (file: SampleFile, opened: OpenedCase[]) => unknown = () => undefined,
  ): Promise<AuditReport> {
    const { network } = this;
    while (network.consent.leaves.length % 64 < 63) this.pad();
    network.anchor();
    const { consent } = network;
    const erasures = await Promise.all(
      this.words.map(async ({ jws, index, opening }) => ({
        jws,
        proof: await consent.proof(index, opening),
      })),
    );
    const file = {
      nonce: toBase64url(randomBytes(32)),
      checkpoint: consent.checkpoint(),
      count: 299,
      pads: this.pads,
      erasures,
    };
    const cases = [await network.open(this.consent)];
    change(file, cases);
    return verifyLogs({
      ...inputOf(network.trust, network.publish(), cases),
      sample: utf8(JSON.stringify(file)),
    });
  }
}

const bothSay = (): Drawn => {
  const drawn = new Drawn();
  const { source, target } = drawn.network;
  return drawn.say(source.service, source.epoch.keys.sign).say(target.service, target.epoch.keys.sign);
};

describe('a sample', () => {
  it('is whole when each drawn leaf is a statement, a pad, an anchor, or erased by both services', async () => {
    const report = await bothSay().audit();
    expect(words(report)).toEqual([]);
    expect(report.sample).toEqual({
      asked: 64,
      statements: 5,
      pads: 56,
      anchors: 2,
      erased: 1,
      unanswered: [],
    });
  });

  it('says which leaves nobody has shown: erased by one service alone, a case that was not opened', async () => {
    const drawn = new Drawn();
    const { source } = drawn.network;
    const report = await drawn.say(source.service, source.epoch.keys.sign).audit((_, cases) => cases.pop());
    expect(words(report)).toEqual([]);
    expect(report.sample?.unanswered).toHaveLength(4);
    expect(report.sample?.unanswered).toContain(`consent/${YEAR} leaf ${drawn.erased}`);
    expect(report.gaps).toContainEqual({ gap: 'unanswered', count: 4 });
  });

  it('believes no pad that does not make the leaf', async () => {
    const report = await bothSay().audit(({ pads }) => {
      const [pad] = pads;
      if (pad) pad.opening = toBase64url(randomBytes(32));
    });
    expect(words(report)).toEqual(['sample/other-leaf']);
  });

  it('believes no word on erasures of a stranger, of another service, of another kind or log, or under a revoked key', async () => {
    const spoilt = async (say: (drawn: Drawn) => unknown) => {
      const drawn = new Drawn();
      say(drawn);
      return words(await drawn.audit());
    };
    const keyOf = ({ network }: Drawn) => network.source.epoch.keys.sign;
    expect(await spoilt((drawn) => drawn.say(drawn.network.source.service, freshKey()))).toEqual([
      'sample/signer',
    ]);
    expect(await spoilt((drawn) => drawn.say(drawn.network.target.service, keyOf(drawn)))).toEqual([
      'sample/signer',
    ]);
    expect(
      await spoilt((drawn) =>
        drawn.say(drawn.network.source.service, keyOf(drawn), { log: 'relais-x/consent' }),
      ),
    ).toEqual(['sample/kind']);
    const revoked = await spoilt((drawn) => {
      drawn.network.revokeTarget();
      drawn.network.anchor();
      return drawn.say(drawn.network.target.service, drawn.network.target.epoch.keys.sign);
    });
    expect(revoked).toEqual(['sample/signer']);
  });

  it('is refused where it is none, or of a log or tree that nobody trusts', async () => {
    expect(words(await bothSay().audit((file) => (file.count = 0)))).toEqual(['sample/sample']);
    expect(words(await bothSay().audit((file) => (file.checkpoint = 'nothing')))).toEqual([
      'sample/other-log',
    ]);
    const other = new TestNetwork();
    other.finish();
    expect(words(await bothSay().audit((file) => (file.checkpoint = other.consent.checkpoint())))).toEqual([
      'sample/other-log',
    ]);
  });

  it('asks for what is missing where the copy is older than the tree', async () => {
    const drawn = bothSay();
    const report = await drawn.audit((file, cases) => {
      drawn.network.pads(64);
      file.checkpoint = drawn.network.consent.checkpoint();
      drawn.network.consent.leaves.length -= 64;
      cases.pop();
    });
    expect(report.missing.length).toBe(64);
    expect(report.gaps.map(({ gap }) => gap)).toContain('newer-checkpoints');
  });

  it('takes words with proofs of no form for none', async () => {
    const report = await bothSay().audit((file) => {
      const [word] = file.erasures;
      if (word) word.proof = 'nothing';
    });
    expect(words(report)).toEqual(['opening/proof']);
  });
});
