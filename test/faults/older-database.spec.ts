import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getReferral, listReferrals, openReferral } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import type { DatabaseUrls } from '../../src/database/index.js';
import { relais } from '../support/machines/backups.js';
import { asOwner, until } from '../support/machines/database.js';
import { givenReferral, storedOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

/** The database as it is now, beside itself: what a snapshot of its disk keeps. Nobody may be connected. */
async function snapshot(urls: DatabaseUrls): Promise<DatabaseUrls> {
  const { owner, application, sequencer } = urls;
  const current = new URL(owner).pathname.slice(1);
  await asOwner(urls, `CREATE DATABASE ${current}_old TEMPLATE ${current}`, 'postgres');
  const old = (url: string): string => url.replace(`/${current}?`, `/${current}_old?`);
  return { owner: old(owner), application: old(application), sequencer: old(sequencer) };
}

/** Puts the snapshot in the place of the database, under whoever is connected to it. */
async function putBack(urls: DatabaseUrls): Promise<void> {
  const current = new URL(urls.owner).pathname.slice(1);
  const elsewhere = (url: string): DatabaseUrls => ({
    ...urls,
    owner: url.replace(`/${current}?`, '/postgres?'),
  });
  const sql = async (text: string): Promise<unknown> => asOwner(elsewhere(urls.owner), text);
  await sql(`ALTER DATABASE ${current} ALLOW_CONNECTIONS false`);
  await until(async () => {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${current}' AND usename = current_user`;
    for (const url of [urls.owner, urls.application, urls.sequencer]) await asOwner(elsewhere(url), end);
    return sql(`ALTER DATABASE ${current} RENAME TO ${current}_new`).then(
      () => true,
      () => false,
    );
  });
  await sql(`ALTER DATABASE ${current}_old RENAME TO ${current}`);
}

async function codeOf(address: string, path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(`${address}${path}`, init);
  const body = await answer.text();
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') === true;
  return `${answer.status} ${isProblem ? (JSON.parse(body) as { type: string }).type : ''}`;
}

const CLOSED = '503 /problems/restore_needed';

interface Ready {
  readonly status: string;
  readonly checks: Readonly<Record<string, boolean>>;
}

const readyOf = async (address: string): Promise<Ready> =>
  (await (await fetch(`${address}/health/ready`)).json()) as Ready;

/** A snapshot of the database is put back, and the data directory with keys, fence and list stays. */
describe('a database that is older than what was signed', () => {
  let server: FoundedServer;
  let old: DatabaseUrls;
  const referrals = { kept: '', withdrawn: '', late: '' };

  beforeAll(async () => {
    server = await givenNetwork();
    referrals.kept = (await givenReferral(server, 'received')).referral;
    const leaving = await givenReferral(server, 'received');
    referrals.withdrawn = leaving.referral;
    await server.kill();
    await until(
      async () =>
        (
          await asOwner(
            server.urls,
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
          )
        ).length === 0,
    );
    old = await snapshot(server.urls);
    const current = await server.again();
    await leaving.receipt.withdraw();
    referrals.late = (await givenReferral(server, 'received')).referral;
    await until(async () => (await asOwner(server.urls, 'SELECT FROM erased')).length === 0);
    await current.kill();
  }, 300_000);
  afterAll(async () => {
    await server.stop();
  });

  it('serves nothing and takes no act, says so, and has erased again what was withdrawn', async () => {
    const started = await server.elsewhere(old, server.data);
    const { laRuelle, clinique } = server.network;
    const { paths } = (await (await fetch(`${started.address}/v1/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path, method })),
    );
    const open: string[] = [];
    for (const { path, method } of routes) {
      const told = await codeOf(started.address, path.replaceAll(/\{\w+\}/g, '1'), {
        method: method.toUpperCase(),
      });
      if (told !== CLOSED) open.push(path);
    }
    expect(routes.length).toBeGreaterThan(50);
    expect(open.sort()).toEqual([
      '/.well-known/oauth-authorization-server',
      '/health/live',
      '/health/ready',
      '/problems/{code}',
      '/v1/openapi.json',
      '/web-app.sha256',
    ]);
    await expect(getReferral(clinique.worker, referrals.withdrawn)).rejects.toMatchObject({
      status: 503,
      code: 'restore_needed',
    });
    await expect(openReferral(clinique.worker, referrals.kept)).rejects.toMatchObject({ status: 503 });
    await expect(referSomebody(server.network, { calledName: 'Sam', reason: 'x' })).rejects.toMatchObject({
      status: 503,
    });
    expect(laRuelle).toBeDefined();
    expect(await readyOf(started.address)).toMatchObject({
      status: 'fail',
      checks: { database: true, current: false, signing: false },
    });
    expect((await fetch(`${started.address}/health/live`)).status).toBe(200);
    expect(started.output()).toContain('relais restore in-place');
    expect(await storedOf({ urls: old }, referrals.withdrawn)).toMatchObject({ handoffs: 0, wraps: 0 });
    expect(await storedOf({ urls: old }, referrals.kept)).toMatchObject({ handoffs: 1, wraps: 3 });
    await started.kill();
  }, 300_000);

  it('serves nothing by a machine without keys either, which knows it from the mark alone', async () => {
    const data = mkdtempSync(join(tmpdir(), 'relais-keyless-'));
    const started = await server.elsewhere(old, data);
    expect(await codeOf(started.address, '/v1/network')).toBe(CLOSED);
    await started.kill();
    rmSync(data, { recursive: true });
  }, 300_000);

  it('serves again as soon as the right one is back', async () => {
    const started = await server.again();
    const { clinique } = server.network;
    expect((await getReferral(clinique.worker, referrals.withdrawn)).status).toBe('cancelled');
    await started.kill();
  }, 300_000);

  it('is restored where it lies by one command, and then says so in the registry', async () => {
    const machine = { data: server.data, urls: old };
    expect(() => relais({ ...machine, urls: server.urls }, ['restore', 'in-place'])).toThrow(
      /not known to be older/,
    );
    expect(() => relais(machine, ['restore', 'in-place', '--erasures', join(server.data, 'keys')])).toThrow(
      /not the list/,
    );
    expect(relais(machine, ['restore', 'in-place'])).toContain('RESTORED WHERE IT LIES');
    const started = await server.elsewhere(old, server.data);
    const { laRuelle, clinique } = server.network;
    expect(await readyOf(started.address)).toMatchObject({
      status: 'pass',
      checks: { current: true, signing: true },
    });
    expect((await laRuelle.coordinator.registry()).restores).toHaveLength(1);
    expect(await getReferral(laRuelle.worker, referrals.withdrawn)).toMatchObject({
      status: 'cancelled',
      consentState: 'withdrawn',
    });
    expect((await openReferral(clinique.worker, referrals.kept)).record).toBeDefined();
    await expect(getReferral(laRuelle.worker, referrals.late)).rejects.toMatchObject({ status: 404 });
    await referSomebody(server.network, { calledName: 'Sam', reason: 'A wound on the foot.' });
    expect((await readyOf(started.address)).status).toBe('pass');
    await started.kill();
  }, 300_000);
});

describe('a database that goes back', () => {
  it('under running servers is refused by the next connection, on every replica', async () => {
    const server = await givenNetwork();
    const { laRuelle } = server.network;
    await givenReferral(server, 'received');
    await server.kill();
    await until(
      async () =>
        (
          await asOwner(
            server.urls,
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
          )
        ).length === 0,
    );
    await snapshot(server.urls);
    const current = await server.again();
    await givenReferral(server, 'received');
    const twin = await server.twin();
    await putBack(server.urls);
    for (const { address } of [current, twin]) {
      const seen = new Set<string>();
      await until(async () => seen.add(await codeOf(address, '/v1/network')).has(CLOSED));
      seen.delete(CLOSED);
      // until the first connection to the old one nothing can be said, but nothing of it is told
      for (const other of seen) expect(other).toMatch(/^503 /);
    }
    expect(
      (await listReferrals(laRuelle.worker, 'outbox').catch((error: unknown) => error)) as object,
    ).toMatchObject({ code: 'restore_needed' });
    await twin.kill();
    await current.kill();
    await server.stop();
  }, 300_000);

  it('with the keys is whole, and a data directory that goes back alone follows, its list filled again', async () => {
    const server = await givenNetwork();
    const leaving = await givenReferral(server, 'received');
    await server.kill();
    const copy = mkdtempSync(join(tmpdir(), 'relais-old-data-'));
    cpSync(server.data, copy, { recursive: true });
    const current = await server.again();
    await leaving.receipt.withdraw();
    await until(async () => (await asOwner(server.urls, 'SELECT FROM erased')).length === 0);
    await current.kill();
    const started = await server.elsewhere(server.urls, copy);
    expect((await readyOf(started.address)).status).toBe('pass');
    await until(async () => (await asOwner(server.urls, 'SELECT FROM erased')).length === 0);
    const { readErasures } = await import('../../src/database/backup/erasure-list.js');
    expect((await readErasures([join(copy, 'erasures')])).lines.join('\n')).toMatch(
      /^erased [0-9a-f]{64} cancelled consent-withdrawn withdrawn$/m,
    );
    await started.kill();
    rmSync(copy, { recursive: true });
    await server.stop();
  }, 300_000);
});
