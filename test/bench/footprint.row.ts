import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOwner } from '../support/machines/database.js';
import { givenServerProcess } from '../support/machines/process.js';
import { residentBytes } from './cpu.js';
import { drive } from './load.js';
import { measure, type Figure, type Plan } from './plan.js';
import { sendMaker } from './sends.js';
import { FastDevice, type Setting } from './setting.js';

const SENDS = 2000;
const BARE = `require('node:http').createServer((q, s) => s.end('ok')).listen(0, () => process.send('listening'));`;

/**
 * Rows 11 and 12: memory and start against a bare Node server; bytes and WAL of a send against what it must
 * keep.
 */
export async function footprintRows(setting: Setting, plan: Plan): Promise<Figure[]> {
  const starts = await measure(
    plan,
    { whole: wholeStart, bare: () => bareStart(setting) },
    ({ whole, bare }) => ({
      memory: (whole?.bytes ?? NaN) / (bare?.bytes ?? NaN),
      start: (whole?.seconds ?? NaN) / (bare?.seconds ?? NaN),
      note: `${mib(whole?.bytes)} against ${mib(bare?.bytes)}; ${whole?.seconds.toFixed(2)} s against ${bare?.seconds.toFixed(2)} s`,
    }),
  );
  const stored = await storage(setting, plan);
  const note = starts.at(-1)?.note ?? '';
  return [
    {
      row: '11',
      what: 'idle memory / bare node',
      ratios: starts.map(({ memory }) => memory),
      goal: { is: '≤', value: 2.4 },
      note,
    },
    {
      row: '11',
      what: 'start / bare node',
      ratios: starts.map(({ start }) => start),
      goal: { is: '≤', value: 6 },
      note,
    },
    {
      row: '12',
      what: 'bytes per live referral / information in it',
      ratios: stored.map(({ bytes }) => bytes),
      goal: { is: '≤', value: 1.2 },
      note: stored.at(-1)?.note ?? '',
    },
    {
      row: '12',
      what: 'WAL per send / information in it',
      ratios: stored.map(({ wal }) => wal),
      goal: { is: '≤', value: 1.3 },
      note: stored.at(-1)?.note ?? '',
    },
  ];
}

interface Started {
  readonly seconds: number;
  readonly bytes: number;
}

async function wholeStart(): Promise<Started> {
  const start = performance.now();
  const server = await givenServerProcess();
  const seconds = (performance.now() - start) / 1000;
  await settle();
  const bytes = residentBytes(server.pid);
  await server.stop();
  return { seconds, bytes };
}

async function bareStart({ server }: Setting): Promise<Started> {
  const file = join(server.data, 'bare.cjs');
  writeFileSync(file, BARE);
  const start = performance.now();
  const child = fork(file, { execArgv: [], stdio: 'ignore' });
  await new Promise((listening) => child.once('message', listening));
  const seconds = (performance.now() - start) / 1000;
  await settle();
  const bytes = residentBytes(child.pid ?? 0);
  child.kill();
  return { seconds, bytes };
}

async function storage({ server }: Setting, plan: Plan) {
  const sends = await sendMaker(server.network);
  const port = Number(new URL(server.address).port);
  const send = async (count: number): Promise<number> => {
    const device = await FastDevice.of(server.network.laRuelle.worker);
    const bodies = Array.from({ length: count }, () => sends.make().body);
    const requests = bodies.map((body) => device.request('POST', '/v1/referrals', body));
    await drive({ port, connections: 8, seconds: 600, next: () => requests.pop() });
    return bodies.reduce((sum, body) => sum + informationOf(body), 0) / count;
  };
  await send(200);
  return measure(plan, { send: async () => stored(server.urls, send) }, ({ send: one }) => ({
    bytes: (one?.bytes ?? NaN) / (one?.information ?? NaN),
    wal: (one?.wal ?? NaN) / (one?.information ?? NaN),
    note: `${one?.bytes.toFixed(0)} B, WAL ${one?.wal.toFixed(0)} B, information ${one?.information.toFixed(0)} B`,
  }));
}

async function stored(urls: Setting['server']['urls'], send: (count: number) => Promise<number>) {
  const at = async () => {
    const [row] = await asOwner<{ bytes: string; wal: string }>(
      urls,
      `SELECT (SELECT sum(pg_total_relation_size(c)) FROM unnest(ARRAY['referral_open', 'handoff_open',
           'handoff_wrap_open', 'statement_open', 'second_code']::regclass[]) AS c)::text AS bytes,
         (pg_current_wal_lsn() - '0/0'::pg_lsn)::text AS wal`,
    );
    return { bytes: Number(row?.bytes), wal: Number(row?.wal) };
  };
  const before = await at();
  const information = await send(SENDS);
  const after = await at();
  return {
    bytes: (after.bytes - before.bytes) / SENDS,
    wal: (after.wal - before.wal) / SENDS,
    information,
  };
}

/** Bytes that must be kept of a send: texts as they are, base64url as the bytes that it stands for. */
function informationOf(body: string): number {
  const {
    statements,
    ctx,
    wraps,
    body: sealed,
    person,
  } = JSON.parse(body) as {
    statements: { jws: string; opening: string }[];
    ctx: string;
    wraps: string[];
    body: string;
    person: { box: string; second: { kid: string; sealed: string } };
  };
  const { kid, sealed: second } = person.second;
  const encoded = [
    ctx,
    ...wraps,
    sealed,
    person.box,
    kid,
    second,
    ...statements.map(({ opening }) => opening),
  ];
  const bytes = encoded.reduce((sum, text) => sum + (text.length * 3) / 4, 0);
  return bytes + statements.reduce((sum, { jws }) => sum + jws.length, 0);
}

async function settle(): Promise<void> {
  await new Promise((done) => setTimeout(done, 2000));
}

function mib(bytes = NaN): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
