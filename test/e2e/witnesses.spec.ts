import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acknowledge,
  coordinatorTasks,
  eventPage,
  endWitness,
  exportCase,
  fetchFinalProofs,
  missingWitnesses,
  readNetwork,
  sendReferral,
} from '../../src/client/index.js';
import { logCommand } from '../../src/cli/log.js';
import { verifyCommand } from '../../src/cli/verify.js';
import { MESSAGES } from '../../src/client/audit/audit-messages.js';
import { readCheckpoint } from '../../src/protocol/log/witness.js';
import { parseProof } from '../../src/protocol/log/proof.js';
import { sealWithFiles } from '../support/network/content.js';
import { shiftClock, until } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenPullWitness, givenPushWitness, noteOf } from '../support/log/witness.js';
import { THIS_YEAR } from '../support/log/this-year.js';

/**
 * One partner has a machine that listens, the other a command that runs now and then: both must have seen
 * what is published.
 */
describe('a network with two witnesses', () => {
  let server: FoundedServer;
  let push: Awaited<ReturnType<typeof givenPushWitness>>;
  let pull: Awaited<ReturnType<typeof givenPullWitness>>;
  let stopPush: () => Promise<void>;
  let referral: string;
  let printed = '';
  const root = mkdtempSync(join(tmpdir(), 'relais-e2e-witnesses-'));
  const copy = join(root, 'copy');

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique, trust } = server.network;
    push = await givenPushWitness(trust, laRuelle);
    pull = await givenPullWitness(trust, clinique);
    stopPush = await push.start();
  });
  afterAll(async () => {
    await stopPush();
    rmSync(root, { recursive: true });
    for (const { remove } of [push, pull]) remove();
    await server.stop();
  });
  beforeEach(() => {
    printed = '';
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => (printed += String(text)) !== '');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const seal = async () => (await sealWithFiles(server.network, [])).sealed;
  const transport = () => server.network.laRuelle.coordinator.transport;
  const sizeOf = async (name: string, kind = 'registry'): Promise<bigint> =>
    readCheckpoint(await noteOf(transport(), `/log/${kind}/${THIS_YEAR}/${name}`)).size;
  const verify = (place: string) => verifyCommand([place, '--trust', push.trustFile, '--language', 'en']);

  it('publishes what one has seen only when the other has', async () => {
    const name = `witness/${server.network.laRuelle.coordinator.organisation.id} `;
    await until(async () =>
      (await noteOf(transport(), `/log/registry/${THIS_YEAR}/cosignatures`)).includes(name),
    );
    expect(await sizeOf('checkpoint')).toBeLessThan(await sizeOf('cosignatures'));
    const [registry] = await pull.pull();
    expect(registry).toMatchObject({ directory: `registry/${THIS_YEAR}`, witnessed: true });
    expect(await sizeOf('checkpoint')).toBe(await sizeOf('cosignatures'));
    expect(await noteOf(transport(), `/log/registry/${THIS_YEAR}/policy`)).toMatch(
      /\ngroup witnesses 2 .*\nquorum witnesses\n$/,
    );
  });

  it('gives final proofs once a quorum has seen the consent log', async () => {
    const { laRuelle, clinique } = server.network;
    const sealed = await seal();
    ({ referral } = sealed);
    await sendReferral(laRuelle.worker, sealed);
    await acknowledge(clinique.worker, referral);
    expect(await fetchFinalProofs(laRuelle.worker, referral)).toBeUndefined();
    await until(async () => {
      await pull.pull();
      return (await fetchFinalProofs(laRuelle.worker, referral)) !== undefined;
    });
    for (const device of [laRuelle.worker, clinique.worker]) {
      const proofs = (await fetchFinalProofs(device, referral)) ?? [];
      expect(proofs).toHaveLength(3);
      for (const { proof } of proofs)
        expect(parseProof(proof).checkpoint.match(/^— .*\/witness\//gm)).toHaveLength(2);
    }
    const { statements } = await exportCase(clinique.worker, referral);
    for (const { proof } of statements) expect(proof).toContain('/witness/');
  });

  it('is sound and witnessed under relais verify, the copies of its witnesses too', async () => {
    expect(
      await verifyCommand([server.address, '--save', copy, '--trust', push.trustFile, '--language', 'en']),
    ).toBe(0);
    expect(printed).toContain(MESSAGES.en.witnessed);
    await pull.pull();
    printed = '';
    expect(await verify(pull.mirror)).toBe(0);
    expect(printed).toContain(MESSAGES.en.witnessed);
  });

  it('is exported to a directory that any web server can serve, and brought up to date there', async () => {
    const site = join(root, 'site');
    const args = ['export', site, '--server', server.address, '--trust', push.trustFile];
    expect(await logCommand(args)).toBe(0);
    const filesOf = () =>
      readdirSync(site, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    const before = filesOf();
    expect(await verify(site)).toBe(0);
    for (const file of before) expect(statSync(join(file.parentPath, file.name)).mode & 0o444).toBe(0o444);
    await sendReferral(server.network.laRuelle.worker, await seal());
    const size = readCheckpoint(readFileSync(join(site, `consent/${THIS_YEAR}/checkpoint`), 'utf8')).size;
    await until(async () => {
      await pull.pull();
      return (await sizeOf('checkpoint', 'consent')) > size;
    });
    expect(await logCommand(args)).toBe(0);
    expect(
      readCheckpoint(readFileSync(join(site, `consent/${THIS_YEAR}/checkpoint`), 'utf8')).size,
    ).toBeGreaterThan(size);
    expect(await verify(site)).toBe(0);
    // what the earlier export left is the beginning of what is there now
    expect(filesOf().length).toBeGreaterThan(before.length);
  });

  it('goes on when its witness was away, and warns when that was for more than a day', async () => {
    const { laRuelle } = server.network;
    await stopPush();
    await sendReferral(laRuelle.worker, await seal());
    await until(async () => {
      await pull.pull();
      return (await sizeOf('cosignatures', 'consent')) > (await sizeOf('checkpoint', 'consent'));
    });
    expect((await readNetwork(transport())).unwitnessedSince).toBeNull();
    await shiftClock(server.urls, '25 hours');
    const { unwitnessedSince } = await readNetwork(transport());
    expect(unwitnessedSince).toMatch(/^\d{4}-\d{2}-\d{2}T/);
    // not only the committee: both services learn it where they learn everything
    const told = () => eventPage(laRuelle.worker, laRuelle.service);
    await until(async () => (await told()).unwitnessedSince === unwitnessedSince);
    await until(async () => {
      await pull.pull();
      return (await missingWitnesses(laRuelle.coordinator)).length === 1;
    });
    expect(await coordinatorTasks(laRuelle.coordinator)).toContainEqual({
      kind: 'log-unwitnessed',
      missing: ['La Ruelle'],
      until: unwitnessedSince?.slice(0, 10),
    });
    await until(() =>
      Promise.resolve(
        server.output().includes('a witness does not cosign, and proofs stay provisional: no-cosignature'),
      ),
    );
    stopPush = await push.start();
    await until(
      async () => (await sizeOf('cosignatures', 'consent')) === (await sizeOf('checkpoint', 'consent')),
    );
    expect((await readNetwork(transport())).unwitnessedSince).toBeNull();
    await until(async () => (await told()).unwitnessedSince === null);
  });

  it('asks a witness no more whose organisation has ended it', async () => {
    await endWitness(server.network.clinique.coordinator);
    await until(async () => (await sizeOf('checkpoint')) === (await sizeOf('cosignatures')));
    expect(await noteOf(transport(), `/log/registry/${THIS_YEAR}/policy`)).toMatch(/\ngroup witnesses 1 /);
  });
});
