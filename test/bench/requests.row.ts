import { cpuSeconds } from './cpu.js';
import { drive } from './load.js';
import { opensslVerifySeconds } from './openssl.js';
import { REFERENCE, runScript } from './pgbench.js';
import { measure, type Figure, type Plan } from './plan.js';
import { sendMaker } from './sends.js';
import { FastDevice, type Setting } from './setting.js';
import { inboxScript, sendScript, type Script } from './sql.js';

const CONNECTIONS = 16;

interface Cell {
  readonly perSecond: number;
  /** CPU seconds of everything, per request. */
  readonly cpu: number;
}

/** Rows 1 to 3: whole requests against the same SQL from as plain a client as there is. */
export async function requestRows(setting: Setting, plan: Plan): Promise<Figure[]> {
  const { network } = setting.server;
  const sends = await sendMaker(network);
  const sender = network.laRuelle.worker;
  const send = await rounds(setting, plan, {
    make: async () => {
      const device = await FastDevice.of(sender);
      return () => device.request('POST', '/v1/referrals', sends.make().body);
    },
    script: () => sendScript(setting.server),
    signatures: 3,
  });
  const inbox = await rounds(setting, plan, {
    make: async () => {
      const device = await FastDevice.of(network.clinique.worker);
      return () => device.request('GET', '/v1/referrals?box=inbox');
    },
    script: () => inboxScript(setting.server),
    signatures: 1,
  });
  return [
    rateFigure('1', `full send, rate / ${REFERENCE} of its SQL`, send, 0.48),
    cpuFigure('2', 'full send, CPU / floor', send, 1.25),
    rateFigure('3', `inbox page with DPoP, rate / ${REFERENCE}`, inbox, 0.4),
    cpuFigure('3', 'inbox page with DPoP, CPU / floor', inbox, 1.6),
  ];
}

interface Work {
  /** A maker of requests, with a fresh token and nonce. */
  readonly make: () => Promise<() => Buffer>;
  readonly script: () => Promise<Script>;
  readonly signatures: number;
}

type Round = Readonly<{ ours: Cell; reference: Cell; floor: number }>;

async function rounds(setting: Setting, plan: Plan, work: Work): Promise<Round[]> {
  const targets = {
    ours: () => ours(setting, plan, work),
    reference: () => reference(setting, plan, work),
  };
  const none: Cell = { perSecond: NaN, cpu: NaN };
  return measure(plan, targets, ({ ours: us = none, reference: them = none }) => ({
    ours: us,
    reference: them,
    floor: them.cpu + work.signatures * opensslVerifySeconds(),
  }));
}

async function ours({ server, cluster }: Setting, plan: Plan, { make }: Work): Promise<Cell> {
  const port = Number(new URL(server.address).port);
  const next = await make();
  const prepare = (seconds: number): Buffer[] => Array.from({ length: seconds * plan.plenty }, next);
  const warm = prepare(plan.warmUp);
  const requests = prepare(plan.seconds);
  await drive({ port, connections: CONNECTIONS, seconds: plan.warmUp, next: () => warm.pop() });
  const used = (): number => cpuSeconds(server.pid) + cpuSeconds(cluster.pid);
  const before = used();
  const { answers, seconds } = await drive({
    port,
    connections: CONNECTIONS,
    seconds: plan.seconds,
    next: () => requests.pop(),
  });
  return { perSecond: answers / seconds, cpu: (used() - before) / answers };
}

async function reference({ server, cluster }: Setting, plan: Plan, { script }: Work): Promise<Cell> {
  const sql = await script();
  await runScript(server.urls, sql, plan.warmUp, CONNECTIONS);
  const before = cpuSeconds(cluster.pid);
  const { runs, seconds, cpu } = await runScript(server.urls, sql, plan.seconds, CONNECTIONS);
  return { perSecond: runs / seconds, cpu: (cpu + cpuSeconds(cluster.pid) - before) / runs };
}

function rateFigure(row: string, what: string, measured: readonly Round[], value: number): Figure {
  const last = measured.at(-1);
  return {
    row,
    what,
    ratios: measured.map(({ ours: us, reference: them }) => us.perSecond / them.perSecond),
    goal: { is: '≥', value },
    note: `${last?.ours.perSecond.toFixed(0)}/s against ${last?.reference.perSecond.toFixed(0)}/s`,
  };
}

function cpuFigure(row: string, what: string, measured: readonly Round[], value: number): Figure {
  const last = measured.at(-1);
  const micros = (seconds = NaN): string => `${(seconds * 1e6).toFixed(0)} µs`;
  return {
    row,
    what,
    ratios: measured.map(({ ours: us, floor }) => us.cpu / floor),
    goal: { is: '≤', value },
    note: `${micros(last?.ours.cpu)} against ${micros(last?.floor)}`,
  };
}
