import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  attachmentsOf,
  downloadAttachment,
  openReferral,
  sendReferral,
  uploadAttachment,
} from '../../src/client/index.js';
import { givenFile, sealWithFiles } from '../support/network/content.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

const MIB = 1024 * 1024;
const FILES = 4;
/** Of 40 MiB in and 40 MiB out, sealed and in base64 more than 110 MiB. */
const MOST_GROWTH = 40 * MIB;

describe('the server’s memory', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork();
  });
  afterAll(() => server.stop());

  /** Peak of the resident set, by the kernel (proc_pid_status(5)). */
  function residentBytes(field: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  }

  /** Files of these sizes, sent and received; how many bytes arrived. */
  async function passOn(sizes: readonly number[]): Promise<number> {
    const [sender, receiver] = [server.network.laRuelle.worker, server.network.clinique.worker];
    const { sealed, files } = await sealWithFiles(
      server.network,
      sizes.map((size) => givenFile(size)),
    );
    await Promise.all(files.map((file) => uploadAttachment(sender, file)));
    await sendReferral(sender, sealed);
    await acknowledge(receiver, sealed.referral);
    const opened = await openReferral(receiver, sealed.referral);
    const blobs = await Promise.all(
      attachmentsOf(opened).map((each) => downloadAttachment(receiver, opened, each)),
    );
    return blobs.reduce((sum, { size }) => sum + size, 0);
  }

  it('does not grow with the files that go through it, both ways and four at once', async () => {
    // as many at once, so that what grows now grows with their length
    await passOn(Array.from({ length: FILES }, () => 3 * MIB));
    const before = residentBytes('VmHWM');
    expect(await passOn(Array.from({ length: FILES }, () => 10 * MIB))).toBe(FILES * 10 * MIB);
    const growth = residentBytes('VmHWM') - before;
    process.stderr.write(`peak of the resident set grew by ${(growth / MIB).toFixed(1)} MiB\n`);
    expect(growth).toBeLessThan(MOST_GROWTH);
  }, 180_000);
});
