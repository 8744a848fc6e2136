import { describe, expect, it } from '@jest/globals';
import { toBase64, toBase64url, utf8 } from '../../src/protocol/encoding/bytes.js';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { anchorLeaf } from '../../src/protocol/log/leaves.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { audit, whole, words } from '../support/log/audit.js';
import {
  inputOf,
  TestNetwork,
  TODAY,
  YEAR,
  type OpenedCase,
  type TestConsent,
} from '../support/log/public-log.js';
import { TestLog } from '../support/log/test-log.js';

const CONSENT = `consent/${YEAR}`;

describe('a case that does not hold', () => {
  it('is named when the file is malformed', async () => {
    const network = new TestNetwork();
    network.finish();
    const files = network.publish();
    for (const [bytes, word] of [
      [utf8('{'), 'case/json'],
      [utf8('{"statements":[]}'), 'case/case'],
      [utf8('{"a":1,"a":1}'), 'case/duplicate-member'],
    ] as const)
      expect(words(await verifyLogs(inputOf(network.trust, files, [bytes])))).toEqual([word]);
  });

  it('is named when it is written in any other form than the one', async () => {
    const network = new TestNetwork();
    const consent = whole(network);
    network.finish();
    const opened = await network.open(consent);
    const { statements, ...others } = opened;
    for (const text of [
      JSON.stringify(opened, null, 2),
      JSON.stringify({ statements, ...others }),
      ` ${canonicalText(opened)}`,
    ])
      expect(words(await verifyLogs(inputOf(network.trust, network.publish(), [utf8(text)])))).toEqual([
        'case/not-canonical',
      ]);
  });

  it('is missing, not wrong, when it cannot be read', async () => {
    const network = new TestNetwork();
    network.finish();
    const input = inputOf(network.trust, network.publish());
    const cases = { names: ['1.json'], read: () => Promise.resolve(undefined) };
    const report = await verifyLogs({ ...input, cases });
    expect(report).toMatchObject({ sound: false, violations: [], missing: ['1.json'] });
  });

  it('is named when a proof is for another index, also 2^63 further', async () => {
    const shifted = await audit(whole, ({ statements }) => move(statements[1], 1n));
    expect(words(shifted)).toEqual(['opening/other-leaf']);
    const far = await audit(whole, ({ statements }) => move(statements[1], 1n << 63n));
    expect(words(far)).toEqual(['opening/proof']);
    const beyond = await audit(whole, ({ statements }) => move(statements[1], 1000n));
    expect([words(beyond), beyond.missing]).toEqual([[], [`${CONSENT} leaf 1002`]]);
  });

  it('is named when the opening, a sibling, the checkpoint or the statement is another', async () => {
    const opening = await audit(whole, (opened) =>
      edit(opened, /extra .*/, `extra ${toBase64(new Uint8Array(32))}`),
    );
    expect(words(opening)).toEqual(['opening/other-leaf']);
    const none = await audit(whole, (opened) => edit(opened, /extra .*\n/, ''));
    expect(words(none)).toEqual(['opening/no-opening']);
    const sibling = await audit(whole, (opened) =>
      edit(opened, /(index .*\n).*/, `$1${toBase64(new Uint8Array(32))}`),
    );
    expect(words(sibling)).toEqual(['inclusion/inclusion']);
    const elsewhere = await audit(whole, (opened) => edit(opened, /\n\nrelais/, '\n\nother'));
    expect(words(elsewhere)).toEqual(['inclusion/other-log']);
    const words_ = await audit(
      whole,
      ({ statements: [given] }) => given && (given.jws = given.jws.replace(/^e/, 'f')),
    );
    expect(words(words_)).toEqual(['opening/other-leaf']);
  });

  it('is named when the log has signed two roots for one size', async () => {
    const network = new TestNetwork();
    const consent = network.give();
    network.finish();
    const { origin, key, leaves } = network.consent;
    const fork = new TestLog(origin, key, leaves.with(60, anchorLeaf(network.registry.root(1))));
    const opened = await network.open(consent, fork);
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [opened]));
    expect(words(report)).toEqual(['consistency/split-view']);
  });

  function move(statement: { proof: string } | undefined, by: bigint): void {
    if (statement)
      statement.proof = statement.proof.replace(
        /index (\d+)/,
        (_, index: string) => `index ${BigInt(index) + by}`,
      );
  }

  function edit({ statements: [given] }: OpenedCase, pattern: RegExp, text: string): void {
    if (given) given.proof = given.proof.replace(pattern, text);
  }

  it('is named when its leaves do not rise, or disclosure came after the withdrawal', async () => {
    const swapped = async (make: (n: TestNetwork) => TestConsent, a: number, b: number): Promise<string[]> =>
      words(
        await audit((network) => {
          const consent = make(network);
          swap(network, consent, a, b);
          return consent;
        }),
      );
    expect(await swapped(whole, 0, 1)).toEqual(['chain/order-in-log']);
    const withdrawn = (n: TestNetwork): TestConsent => n.withdraw(n.release(n.give()));
    expect(await swapped(withdrawn, 1, 2)).toEqual(['release/after-withdrawn']);
    expect(await swapped((n) => n.withdraw(whole(n)), 2, 3)).toEqual(['receipt/after-withdrawn']);
    expect(await swapped((n) => n.withdraw(n.give()), 0, 1)).toEqual(['withdrawal/order-in-log']);
  });

  /** Lets two statements of a consent change their places in the log. */
  function swap(
    { consent: { leaves } }: TestNetwork,
    { statements }: TestConsent,
    a: number,
    b: number,
  ): void {
    const [first, second] = [statements[a], statements[b]];
    if (!first || !second) return;
    const [i, j] = [Number(first.index), Number(second.index)];
    [leaves[i], leaves[j]] = [leaves[j] as Uint8Array, leaves[i] as Uint8Array];
    Object.assign(first, { index: BigInt(j) });
    Object.assign(second, { index: BigInt(i) });
  }

  it('is named when a leaf holds something that is no statement', async () => {
    const network = new TestNetwork();
    const { sign: key } = network.source.epoch.keys;
    for (const [text, word] of [
      ['nonsense', 'statement/form'],
      [sign('consent-statement+jws', '{"kind":1}', key), 'statement/schema'],
      [sign('consent-statement+jws', 'null', key), 'statement/schema'],
    ] as const) {
      const odd = { ...network.give(), statements: [network.state(text)] };
      network.finish();
      const report = await verifyLogs(inputOf(network.trust, network.publish(), [await network.open(odd)]));
      expect(words(report)).toEqual([word]);
    }
  });

  it('is named when two cases show two chains of one consent', async () => {
    const network = new TestNetwork();
    const consent = network.give();
    const fork = { ...consent, statements: [...consent.statements] };
    const [one, two] = [network.release(consent), network.release(fork)];
    network.finish();
    const cases = [await network.open(one), await network.open(two)];
    expect(words(await verifyLogs(inputOf(network.trust, network.publish(), cases)))).toEqual(['chain/fork']);
  });

  it('is named when a key signed after its revocation, or before it was shown', async () => {
    const revoked = await audit((network) => {
      const consent = network.release(network.give());
      network.revokeTarget();
      network.anchor();
      return network.receive(consent);
    });
    expect(words(revoked)).toEqual(['signer/revoked']);
    const early = await audit((network) => {
      const consent = network.release(network.give());
      const next = network.revokeTarget();
      network.receive(consent, TODAY, next.keys.sign);
      network.anchor(9);
      return consent;
    });
    expect(words(early)).toEqual(['signer/not-yet-registered']);
  });

  it('is named when no anchor follows', async () => {
    const network = new TestNetwork();
    const consent = network.release(network.give());
    const report = await verifyLogs(inputOf(network.trust, network.publish(), [await network.open(consent)]));
    expect(words(report)).toEqual([
      'signer/no-anchor-after',
      'signer/no-anchor-after',
      'release/to-key-not-yet-registered',
      'consent/no-charter',
    ]);
  });

  it('is named when the key that it released to was not shown yet', async () => {
    const report = await audit((network) => {
      const next = network.revokeTarget();
      const consent = network.release(network.give(), { toKey: toBase64url(next.keys.box.id) });
      network.anchor(9);
      return consent;
    });
    expect(words(report)).toEqual(['release/to-key-not-yet-registered']);
  });
});
