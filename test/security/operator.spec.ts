import { describe, expect, it } from '@jest/globals';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import type { AuditReport } from '../../src/protocol/audit/report.js';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { words } from '../support/log/audit.js';
import { inDays } from '../support/network/founders.js';
import { inputOf, TestNetwork, TODAY, type TestConsent } from '../support/log/public-log.js';
import { TestLog, type TestWitness } from '../support/log/test-log.js';

const noon = (day: string): bigint => BigInt(Date.parse(`${day}T12:00:00Z`) / 1000);

/** What an auditor finds who has these cases, and has kept these notes. */
async function auditOf(
  network: TestNetwork,
  witness: TestWitness | readonly TestWitness[],
  { cases = [], kept = [] }: { cases?: readonly TestConsent[]; kept?: readonly string[] },
): Promise<AuditReport> {
  const opened = await Promise.all(cases.map((consent) => network.open(consent)));
  const input = inputOf(network.trust, network.publish([witness].flat()), opened);
  return verifyLogs({ ...input, checkpoints: kept.map((note, i) => ({ name: `${i}`, note: utf8(note) })) });
}

/**
 * The operator keeps both logs and may be in league with a service; an auditor has what the log shows and a
 * few cases.
 */
describe('an operator who', () => {
  it('has a consent of weeks ago made up today is found: witnesses have seen the log without it', async () => {
    const found = async (today: string, isKept = true, other?: bigint): Promise<string[]> => {
      const network = new TestNetwork();
      const witness = network.addWitness(network.source, noon(today));
      const witnesses =
        other === undefined ? [witness] : [witness, network.addWitness(network.target, other)];
      network.finish();
      const kept = network.consent.checkpoint(network.consent.leaves.length, witnesses);
      const consent = network.give();
      network.finish();
      return words(await auditOf(network, witnesses, { cases: [consent], kept: isKept ? [kept] : [] }));
    };
    expect(await found(inDays(TODAY, 40))).toEqual(['statement/back-dated']);
    // a witness whose clock is ahead accuses nobody, as long as another one has seen the same
    expect(await found(inDays(TODAY, 40), true, noon(TODAY))).toEqual([]);
    // a slow service may send for thirty days
    expect(await found(inDays(TODAY, 30))).toEqual([]);
    // and without a note that somebody kept, nothing tells
    expect(await found(inDays(TODAY, 40), false)).toEqual([]);
  });

  it('is held to the latest note before a statement, in whatever order notes were kept', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source);
    const at = (day: string): string =>
      network.consent.checkpoint(network.consent.leaves.length, [{ ...witness, time: noon(day) }]);
    network.finish();
    const first = at(inDays(TODAY, 40));
    network.finish();
    const second = at(inDays(TODAY, 1));
    const consent = network.give();
    network.finish();
    const third = at(inDays(TODAY, 80));
    for (const kept of [
      [first, second, third],
      [third, second, first],
    ])
      expect(words(await auditOf(network, witness, { cases: [consent], kept }))).toEqual([
        'statement/back-dated',
      ]);
    expect(words(await auditOf(network, witness, { cases: [consent], kept: [third, second] }))).toEqual([]);
  });

  it('has an act of weeks ago made up is found as well, by the proof of another case', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source, noon(inDays(TODAY, 20)));
    const other = network.give();
    const consent = network.release(network.give());
    network.finish();
    const opened = await network.open(other);
    const [statement] = other.statements;
    if (!statement) throw new Error('no statement');
    const { leaves } = network.consent;
    const early = new TestLog(network.consent.origin, network.consent.key, [...leaves]);
    const proof = await early.proof(statement.index, statement.opening);
    const cosigned = proof.replace(early.checkpoint(), early.checkpoint(leaves.length, [witness]));
    opened.statements = [{ jws: statement.jws, proof: cosigned }];
    network.receive(consent, TODAY);
    network.finish();
    const input = inputOf(network.trust, network.publish([witness]), [await network.open(consent), opened]);
    expect((await verifyLogs(input)).violations).toContainEqual({
      check: 'statement',
      subject: '1.json statement 3',
      detail: 'back-dated',
    });
  });

  it('passes a withdrawal on to nobody is found: the person’s copy and the service’s do not fit', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source);
    const consent = network.release(network.give());
    const shown: TestConsent = { ...consent, statements: [...consent.statements] };
    network.withdraw(consent);
    network.receive(shown);
    network.finish();
    const report = await auditOf(network, witness, { cases: [shown, consent] });
    expect(words(report)).toContain('chain/fork');
    // each alone looks well
    expect(words(await auditOf(network, witness, { cases: [shown] }))).toEqual([]);
  });

  it('logs a handoff and never shows it to its receiver is asked about it, once its last day is over', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source, noon(inDays(TODAY, 15)));
    const [held, taken, ended] = [network.give(), network.give(), network.give()].map((consent) =>
      network.release(consent),
    );
    if (!held || !taken || !ended) throw new Error('no consents');
    network.receive(taken);
    network.withdraw(ended);
    network.finish();
    const kept = [network.consent.checkpoint(network.consent.leaves.length, [witness])];
    const gapsOf = async (cases: TestConsent[]) =>
      (await auditOf(network, witness, { cases, kept })).gaps.filter(({ gap }) => gap === 'undelivered');
    expect(await gapsOf([held, taken, ended])).toEqual([{ gap: 'undelivered', count: 1 }]);
    expect(await gapsOf([taken, ended])).toEqual([]);
    const early = { ...witness, time: noon(TODAY) };
    const { gaps } = await auditOf(network, early, {
      cases: [held],
      kept: [network.consent.checkpoint(network.consent.leaves.length, [early])],
    });
    expect(gaps.map(({ gap }) => gap)).not.toContain('undelivered');
  });

  it('lets a service act after its key was taken back is found by the anchors', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source);
    const consent = network.release(network.give());
    const signer = network.target.epoch.keys.sign;
    network.revokeTarget();
    network.anchor();
    network.receive(consent, TODAY, signer);
    network.finish();
    expect(words(await auditOf(network, witness, { cases: [consent] }))).toContain('signer/revoked');
  });

  it('shows an auditor another log than a witness, or an older one, is found by a note that was kept', async () => {
    const network = new TestNetwork();
    const witness = network.addWitness(network.source);
    network.finish();
    const fork = new TestLog(
      network.consent.origin,
      network.consent.key,
      [...network.consent.leaves].reverse(),
    );
    const kept = [fork.checkpoint(fork.leaves.length, [witness])];
    expect(words(await auditOf(network, witness, { kept }))).toContain('consistency/split-view');
    const longer = new TestLog(network.consent.origin, network.consent.key, [
      ...network.consent.leaves,
      ...network.consent.leaves,
    ]);
    const { gaps } = await auditOf(network, witness, { kept: [longer.checkpoint()] });
    expect(gaps.map(({ gap }) => gap)).toContain('newer-checkpoints');
  });
});
